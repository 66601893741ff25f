using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Axis.Hub.Tests.Contracts;

/// <summary>One of the OpenAPI files, with its references into itself and into its neighbours followed.</summary>
internal sealed class Contract
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    private readonly Dictionary<string, Contract> _neighbours;

    private Contract(JsonObject root, Dictionary<string, Contract> neighbours)
    {
        Root = root;
        _neighbours = neighbours;
    }

    public JsonObject Root { get; }

    /// <summary>The public listener's and the operations listener's.</summary>
    public static (Contract Public, Contract Ops) Load()
    {
        var neighbours = new Dictionary<string, Contract>(StringComparer.Ordinal);
        foreach (var name in (string[])["openapi.yaml", "openapi-ops.yaml"])
        {
            neighbours[name] = new Contract(Read(name), neighbours);
        }
        return (neighbours["openapi.yaml"], neighbours["openapi-ops.yaml"]);
    }

    /// <summary>Every method and path template, such as <c>GET /v1/inbox</c>.</summary>
    public IEnumerable<string> Operations() =>
        from path in Root["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        where Methods.Contains(method.Key)
        select $"{method.Key.ToUpperInvariant()} {path.Key}";

    /// <summary>What the contract says about one answer; null when it says nothing, so that answer is not allowed.</summary>
    public (Contract In, JsonNode Response)? ResponseOf(string method, string path, int status) =>
        Root["paths"]
            ?[path]
            ?[method.ToLowerInvariant()]
            ?["responses"]
            ?[status.ToString(CultureInfo.InvariantCulture)]
            is { } response
            ? Follow(response)
            : null;

    /// <summary>The node itself, or what its <c>$ref</c> leads to.</summary>
    public (Contract In, JsonNode Node) Follow(JsonNode node)
    {
        var (home, at) = (this, node);
        while (at is JsonObject { } found && (string?)found["$ref"] is { } reference)
        {
            var (file, pointer) = reference.Split('#') is [var before, var after]
                ? (before, after)
                : throw new FormatException($"{reference} has no #");
            home = file.Length == 0 ? home : home._neighbours[file];
            at = pointer
                .Split('/', StringSplitOptions.RemoveEmptyEntries)
                .Aggregate(
                    (JsonNode)home.Root,
                    (inside, key) =>
                        inside[key] ?? throw new FormatException($"{reference} leads nowhere")
                );
        }
        return (home, at);
    }

    private static JsonObject Read(string name)
    {
        using var text = File.OpenText(Path.Combine(Documents.Root(), "contracts", name));
        var stream = new YamlStream();
        stream.Load(text);
        return (JsonObject)ToJson(stream.Documents[0].RootNode)!;
    }

    private static JsonNode? ToJson(YamlNode node) =>
        node switch
        {
            YamlMappingNode map => new JsonObject(
                map.Children.Select(pair =>
                    KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value))
                )
            ),
            YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
            YamlScalarNode { Style: ScalarStyle.Plain, Value: { } plain } => ToJson(plain),
            YamlScalarNode scalar => JsonValue.Create(scalar.Value),
            _ => throw new FormatException($"{node.NodeType} is not used in contracts"),
        };

    private static JsonNode? ToJson(string plain) =>
        plain is "true" or "false" ? JsonValue.Create(plain == "true")
        : long.TryParse(
            plain,
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? JsonValue.Create(number)
        : JsonValue.Create(plain);
}
