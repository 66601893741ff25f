using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Axis.TestKit;

/// <summary>
/// JSON Schema as far as the contracts use it, and one thing more: a member that the schema does not describe is a
/// mismatch. Readers must pass over unknown members, but the hub must not write any that the contract does not tell.
/// </summary>
public static class ContractSchema
{
    private static readonly HashSet<string> s_words =
    [
        "description",
        "title",
        "default",
        "example",
        "examples",
        "contentEncoding",
    ];

    /// <summary>What is wrong with a value; nothing where it is as described.</summary>
    public static IReadOnlyList<string> MismatchesOf(ContractNode schema, JsonElement value)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var found = new List<string>();
        Check(schema, value, "$", found);
        Nulls(value, "$", found);
        return found;
    }

    /// <summary>Goes through a schema and all below it, so that no keyword waits unread for its first value.</summary>
    public static void AssertReadable(ContractNode schema) => Read(schema, []);

    private static void Read(ContractNode schema, HashSet<string> seen)
    {
        if (!seen.Add(schema.ToString()))
        {
            return;
        }
        foreach (var (keyword, node) in schema.Members)
        {
            AssertKnown(schema, keyword);
            var below = keyword switch
            {
                "items" => [node],
                "oneOf" => node.Items,
                "properties" => node.Members.Select(member => member.Node),
                _ => [],
            };
            foreach (var one in below)
            {
                Read(one, seen);
            }
        }
        foreach (var required in Strings(schema["required"]))
        {
            if (schema["properties"]?[required] is null)
            {
                throw new ContractException($"{schema}: {required} is required, not described");
            }
        }
    }

    private static void AssertKnown(ContractNode schema, string keyword)
    {
        if (
            !s_words.Contains(keyword)
            && keyword
                is not (
                    "type"
                    or "format"
                    or "pattern"
                    or "const"
                    or "enum"
                    or "minimum"
                    or "maximum"
                    or "minLength"
                    or "maxLength"
                    or "minItems"
                    or "maxItems"
                    or "items"
                    or "required"
                    or "properties"
                    or "oneOf"
                    or "discriminator"
                )
        )
        {
            throw new ContractException($"{schema}: the checker does not know {keyword}");
        }
    }

    private static void Check(
        ContractNode schema,
        JsonElement value,
        string path,
        List<string> found
    )
    {
        foreach (var (keyword, node) in schema.Members)
        {
            AssertKnown(schema, keyword);
            switch (keyword)
            {
                case "type" when !IsOf(node.Text!, value):
                    Add($"{value.ValueKind} where {node.Text} is described");
                    return;
                case "format" when !Fits(node, value):
                    Add($"{value} is no {node.Text}");
                    break;
                case "pattern"
                    when !Regex.IsMatch(
                        value.GetString()!,
                        node.Text!,
                        RegexOptions.NonBacktracking
                    ):
                    Add($"{value} does not match {node.Text}");
                    break;
                case "const" when !Same(node.Value, value):
                    Add($"{value} is not {node.Text}");
                    break;
                case "enum" when !((JsonArray)node.Value).Any(one => Same(one!, value)):
                    Add($"{value} is none of {node.Value.ToJsonString()}");
                    break;
                case "minimum" when value.GetInt64() < Limit(node):
                case "maximum" when value.GetInt64() > Limit(node):
                case "minLength" when value.GetString()!.Length < Limit(node):
                case "maxLength" when value.GetString()!.Length > Limit(node):
                case "minItems" when value.GetArrayLength() < Limit(node):
                case "maxItems" when value.GetArrayLength() > Limit(node):
                    Add($"{value} is beyond {keyword} {node.Text}");
                    break;
                case "items":
                    foreach (var (index, item) in value.EnumerateArray().Index())
                    {
                        Check(node, item, $"{path}[{index}]", found);
                    }
                    break;
                case "required":
                    found.AddRange(
                        Strings(node)
                            .Where(name => !value.TryGetProperty(name, out _))
                            .Select(name => $"{path}.{name}: is required ({schema})")
                    );
                    break;
                case "properties":
                    Members(node, value, path, found);
                    break;
                case "oneOf":
                    if (Chosen(schema, value) is { } chosen)
                    {
                        Check(chosen, value, path, found);
                    }
                    else
                    {
                        Add("is none of the described");
                    }
                    break;
            }
        }

        void Add(string what) => found.Add($"{path}: {what} ({schema})");
    }

    private static void Members(
        ContractNode properties,
        JsonElement value,
        string path,
        List<string> found
    )
    {
        foreach (var member in value.EnumerateObject())
        {
            if (properties[member.Name] is { } schema)
            {
                Check(schema, member.Value, $"{path}.{member.Name}", found);
            }
            else
            {
                found.Add($"{path}.{member.Name}: is not described ({properties})");
            }
        }
    }

    /// <summary>The schema that the discriminator names; choosing by trial would hide what is wrong.</summary>
    private static ContractNode? Chosen(ContractNode schema, JsonElement value)
    {
        var discriminator =
            schema["discriminator"]
            ?? throw new ContractException($"{schema}: oneOf needs a discriminator");
        return
            value.ValueKind == JsonValueKind.Object
            && value.TryGetProperty(discriminator["propertyName"]!.Text!, out var key)
            && discriminator["mapping"]?[key.ToString()] is { } reference
            ? schema.File.Follow(reference.Text!)
            : null;
    }

    private static bool IsOf(string type, JsonElement value) =>
        type switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ => throw new ContractException($"The checker does not know the type {type}"),
        };

    private static bool Fits(ContractNode format, JsonElement value) =>
        format.Text switch
        {
            "uuid" => Guid.TryParseExact(value.GetString(), "D", out _),
            "date" => DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", out _),
            // The contract promises the offset for all times.
            "date-time" => value.GetString()!.EndsWith("+07:00", StringComparison.Ordinal)
                && DateTimeOffset.TryParseExact(
                    value.GetString(),
                    "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out _
                ),
            "int64" or "binary" or "password" => true,
            _ => throw new ContractException($"{format}: the checker does not know this format"),
        };

    private static void Nulls(JsonElement value, string path, List<string> found)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            found.Add($"{path}: null is never written");
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                Nulls(member.Value, $"{path}.{member.Name}", found);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var (index, item) in value.EnumerateArray().Index())
            {
                Nulls(item, $"{path}[{index}]", found);
            }
        }
    }

    private static bool Same(JsonNode described, JsonElement value) =>
        JsonNode.DeepEquals(described, JsonSerializer.SerializeToNode(value));

    private static long Limit(ContractNode node) => ((JsonValue)node.Value).GetValue<long>();

    private static IEnumerable<string> Strings(ContractNode? list) =>
        (list?.Value as JsonArray)?.Select(item => item!.ToString()) ?? [];
}
