using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Axis.Cli.Make;

/// <summary>A description of a package in JSON or, by its file name, in YAML; both become one tree.</summary>
internal static class DescriptionFile
{
    /// <summary>Bytes. The attachments are files of their own, so a description is short.</summary>
    private const int MaxBytes = 1024 * 1024;
    private const int MaxDepth = 16;

    /// <summary>Values in all; aliases of YAML could multiply a short text without end.</summary>
    private const int MaxNodes = 100_000;

    /// <exception cref="DescriptionException">Neither JSON nor YAML, too large, or no object.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<JsonObject> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        if (file.Length > MaxBytes)
        {
            throw new DescriptionException($"{file.Name} is larger than {MaxBytes} bytes.");
        }

        var text = await File.ReadAllTextAsync(file.FullName, cancellation);
        var root = file.Extension.ToUpperInvariant() is ".YAML" or ".YML" ? Yaml(text) : Json(text);
        return root as JsonObject
            ?? throw new DescriptionException(
                $"{file.Name} must hold one object with the members of the package."
            );
    }

    private static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(
                text,
                documentOptions: new JsonDocumentOptions
                {
                    AllowDuplicateProperties = false,
                    AllowTrailingCommas = true,
                    CommentHandling = JsonCommentHandling.Skip,
                    MaxDepth = MaxDepth,
                }
            );
        }
        catch (JsonException e)
        {
            throw new DescriptionException(e.Message);
        }
    }

    private static JsonNode? Yaml(string text)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = new StringReader(text);
            stream.Load(reader);
        }
        catch (YamlException e)
        {
            throw new DescriptionException(
                $"line {e.Start.Line}, column {e.Start.Column}: {e.Message}"
            );
        }

        var left = MaxNodes;
        return stream.Documents is [var document]
            ? Node(document.RootNode, MaxDepth, ref left)
            : throw new DescriptionException("A description is one YAML document.");
    }

    /// <summary>Scalars stay texts: what looks like a date or a number to YAML is text in a package.</summary>
    private static JsonNode? Node(YamlNode yaml, int depth, ref int left)
    {
        if (depth == 0 || --left < 0)
        {
            throw new DescriptionException(
                $"line {yaml.Start.Line}: nested too deeply, or too many values."
            );
        }

        switch (yaml)
        {
            case YamlMappingNode mapping:
                var members = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    var name =
                        (key as YamlScalarNode)?.Value
                        ?? throw new DescriptionException(
                            $"line {key.Start.Line}: a member's name must be a word."
                        );
                    members[name] = Node(value, depth - 1, ref left);
                }

                return members;
            case YamlSequenceNode sequence:
                var items = new JsonArray();
                foreach (var item in sequence.Children)
                {
                    items.Add(Node(item, depth - 1, ref left));
                }

                return items;
            case YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" }:
                return null;
            default:
                return JsonValue.Create(((YamlScalarNode)yaml).Value);
        }
    }
}
