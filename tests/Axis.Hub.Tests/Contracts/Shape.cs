using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Axis.Hub.Tests.Contracts;

/// <summary>
/// Compares JSON with a schema of the contract, for the keywords the contracts use; another keyword is an error, so
/// that none is passed over in silence. Stricter than a vendor must be: a member the contract does not name is a fault.
/// </summary>
internal static class Shape
{
    private static readonly string[] Known =
    [
        "$ref",
        "type",
        "const",
        "enum",
        "pattern",
        "format",
        "required",
        "properties",
        "items",
        "oneOf",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "description",
        "default",
        "examples",
        "discriminator",
        "contentEncoding",
    ];

    /// <summary>What is wrong with <paramref name="value"/>, with places; empty when nothing is.</summary>
    public static IReadOnlyList<string> Faults(
        Contract contract,
        JsonNode schema,
        JsonElement value
    )
    {
        var faults = new List<string>();
        Compare(contract, schema, value, "$", faults);
        return faults;
    }

    private static void Compare(
        Contract contract,
        JsonNode schema,
        JsonElement value,
        string place,
        List<string> faults
    )
    {
        var (home, node) = contract.Follow(schema);
        var rules = node.AsObject();
        if (rules.Select(rule => rule.Key).Except(Known).FirstOrDefault() is { } unknown)
        {
            throw new NotSupportedException($"Keyword {unknown} at {place}");
        }
        if (rules["oneOf"] is JsonArray choices)
        {
            CompareOneOf(home, choices, value, place, faults);
            return;
        }
        if ((string?)rules["type"] is { } type && !IsOfType(value, type))
        {
            faults.Add($"{place}: {type} was expected, {value.ValueKind} found");
            return;
        }
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                CompareObject(home, rules, value, place, faults);
                break;
            case JsonValueKind.Array:
                CompareBounds(rules, "Items", value.GetArrayLength(), place, faults);
                var n = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Compare(home, rules["items"]!, item, $"{place}[{n++}]", faults);
                }
                break;
            case JsonValueKind.String:
                CompareText(rules, value.GetString()!, place, faults);
                break;
            case JsonValueKind.Number:
                CompareBounds(rules, "imum", value.GetInt64(), place, faults);
                break;
            default:
                break;
        }
    }

    private static void CompareOneOf(
        Contract home,
        JsonArray choices,
        JsonElement value,
        string place,
        List<string> faults
    )
    {
        var attempts = choices.Select(choice => Faults(home, choice!, value)).ToArray();
        if (attempts.Count(found => found.Count == 0) != 1)
        {
            var nearest = attempts.MinBy(found => found.Count)!;
            faults.Add(
                $"{place}: none or several of oneOf fit; nearest: {string.Join("; ", nearest)}"
            );
        }
    }

    private static void CompareObject(
        Contract home,
        JsonObject rules,
        JsonElement value,
        string place,
        List<string> faults
    )
    {
        if (rules["properties"] is not JsonObject properties)
        {
            return;
        }
        foreach (var name in rules["required"]?.AsArray().Select(name => (string)name!) ?? [])
        {
            if (!value.TryGetProperty(name, out _))
            {
                faults.Add($"{place}: {name} is missing");
            }
        }
        foreach (var member in value.EnumerateObject())
        {
            if (properties[member.Name] is { } rule)
            {
                Compare(home, rule, member.Value, $"{place}.{member.Name}", faults);
            }
            else
            {
                faults.Add($"{place}: {member.Name} is not in the contract");
            }
        }
    }

    private static void CompareText(
        JsonObject rules,
        string text,
        string place,
        List<string> faults
    )
    {
        CompareBounds(rules, "Length", text.Length, place, faults);
        if (rules["enum"] is JsonArray allowed && !allowed.Any(one => (string)one! == text))
        {
            faults.Add($"{place}: \"{text}\" is not in the enumeration");
        }
        if ((string?)rules["const"] is { } only && only != text)
        {
            faults.Add($"{place}: \"{text}\" instead of \"{only}\"");
        }
        if (
            (string?)rules["pattern"] is { } pattern
            && !Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1))
        )
        {
            faults.Add($"{place}: \"{text}\" does not match {pattern}");
        }
        if ((string?)rules["format"] is { } format && !HasFormat(text, format))
        {
            faults.Add($"{place}: \"{text}\" is no {format}");
        }
        if (
            (string?)rules["contentEncoding"] == "base64"
            && !Convert.TryFromBase64String(text, new byte[text.Length], out _)
        )
        {
            faults.Add($"{place}: not base64");
        }
    }

    private static bool IsOfType(JsonElement value, string type) =>
        type switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ => throw new NotSupportedException($"Type {type}"),
        };

    // The contract promises Vietnamese time, which is more than the format says.
    private static bool HasFormat(string text, string format) =>
        format switch
        {
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _),
            "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _)
                && text.EndsWith("+07:00", StringComparison.Ordinal),
            _ => throw new NotSupportedException($"Format {format}"),
        };

    private static void CompareBounds(
        JsonObject rules,
        string what,
        long actual,
        string place,
        List<string> faults
    )
    {
        if ((long?)rules["min" + what] is { } least && actual < least)
        {
            faults.Add($"{place}: {actual} is below {least}");
        }
        if ((long?)rules["max" + what] is { } most && actual > most)
        {
            faults.Add($"{place}: {actual} is above {most}");
        }
    }
}
