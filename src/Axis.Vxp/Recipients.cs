using System.Text.Json;

namespace Axis.Vxp;

/// <summary>The parameter <c>to</c>: a JSON array of codes, or one code as a JSON string. It may be absent or empty.</summary>
public static class Recipients
{
    public static string Write(IEnumerable<string> codes)
    {
        // Codes are of letters, digits and dots, so there is nothing to escape.
        var quoted = codes.Select(code => $"\"{code}\"");
        return $"[{string.Join(',', quoted)}]";
    }

    /// <summary>Null when the text is neither; empty when nobody is named.</summary>
    public static IReadOnlyList<string>? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }
        try
        {
            return text.TrimStart().StartsWith('[')
                ? JsonSerializer.Deserialize<string[]>(text) is { } codes
                && codes.All(code => !string.IsNullOrWhiteSpace(code))
                    ? codes
                    : null
                : JsonSerializer.Deserialize<string>(text) is { Length: > 0 } code
                    ? [code]
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
