using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Axis.TestKit;

/// <summary>One of the hand-written contracts, as a tree whose references can be followed, into other files too.</summary>
public sealed class ContractFile
{
    private static readonly ConcurrentDictionary<string, ContractFile> s_files = new();

    private ContractFile(string name)
    {
        Name = name;
        var yaml = new YamlStream();
        using var text = File.OpenText(Path.Combine(Folder(), name));
        yaml.Load(text);
        Root = new ContractNode(this, "#", TreeOf(yaml.Documents[0].RootNode)!);
    }

    public string Name { get; }

    public ContractNode Root { get; }

    public static ContractFile Load(string name) =>
        s_files.GetOrAdd(name, key => new ContractFile(key));

    /// <summary>What <c>#/a/b</c> or <c>other.yaml#/a/b</c> leads to.</summary>
    public ContractNode Follow(string reference)
    {
        var (file, pointer) = reference.Split('#') is [var f, var p]
            ? (f, p)
            : throw new ContractException($"{Name}: {reference} is no reference");
        return pointer
            .Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(part =>
                part.Replace("~1", "/", StringComparison.Ordinal)
                    .Replace("~0", "~", StringComparison.Ordinal)
            )
            .Aggregate(
                (file.Length == 0 ? this : Load(file)).Root,
                (node, part) =>
                    node[part] ?? throw new ContractException($"{Name}: {reference} leads nowhere")
            );
    }

    private static JsonNode? TreeOf(YamlNode node) =>
        node switch
        {
            YamlMappingNode mapping => new JsonObject(
                mapping.Children.Select(child =>
                    KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, TreeOf(child.Value))
                )
            ),
            YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(TreeOf)]),
            YamlScalarNode scalar => ScalarOf(scalar),
            _ => throw new ContractException($"{node.Start}: aliases are not used in contracts"),
        };

    /// <summary>By the core schema of YAML 1.2: only a plain scalar can be anything but a string.</summary>
    private static JsonValue? ScalarOf(YamlScalarNode scalar) =>
        (scalar.Style, scalar.Value) switch
        {
            (ScalarStyle.Plain, null or "" or "null" or "~") => null,
            (ScalarStyle.Plain, "true") => JsonValue.Create(true),
            (ScalarStyle.Plain, "false") => JsonValue.Create(false),
            (ScalarStyle.Plain, var text) when long.TryParse(text, out var whole) =>
                JsonValue.Create(whole),
            (_, var text) => JsonValue.Create(text),
        };

    private static string Folder()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Axis.sln")))
        {
            at = at.Parent ?? throw new InvalidOperationException("Axis.sln is above the tests");
        }
        return Path.Combine(at.FullName, "contracts");
    }
}

/// <summary>A place in a contract.</summary>
/// <param name="File">Where its references start from.</param>
/// <param name="Place">The JSON pointer, for messages.</param>
/// <param name="Value">What stands there.</param>
public sealed record ContractNode(ContractFile File, string Place, JsonNode Value)
{
    /// <summary>The member of that name, references followed; null where there is none.</summary>
    public ContractNode? this[string name] =>
        Value is JsonObject members && members[name] is { } member
            ? new ContractNode(File, $"{Place}/{name}", member).Followed()
            : null;

    public string? Text => (Value as JsonValue)?.ToString();

    public IEnumerable<string> Names => (Value as JsonObject)?.Select(member => member.Key) ?? [];

    public IEnumerable<(string Name, ContractNode Node)> Members =>
        Names.Select(name =>
            (
                name,
                this[name] ?? throw new ContractException($"{File.Name}{Place}: {name} is empty")
            )
        );

    public IEnumerable<ContractNode> Items =>
        (Value as JsonArray)?.Select(
            (item, index) => new ContractNode(File, $"{Place}/{index}", item!).Followed()
        )
        ?? [];

    private ContractNode Followed() =>
        Value is JsonObject members && members["$ref"] is JsonValue reference
            ? File.Follow(reference.ToString())
            : this;

    public override string ToString() => File.Name + Place;
}

/// <summary>The hub and its contract disagree, or the contract is not one.</summary>
public sealed class ContractException : Exception
{
    public ContractException() { }

    public ContractException(string message)
        : base(message) { }

    public ContractException(string message, Exception inner)
        : base(message, inner) { }
}
