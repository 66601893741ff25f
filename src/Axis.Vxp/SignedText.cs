using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Axis.Vxp;

/// <summary>
/// The text that is signed: a flat JSON object of strings without white space. It is hashed as it was sent, never
/// written anew, because its order and escapes are those of the client's libraries.
/// </summary>
public static class SignedText
{
    /// <summary>Applications may add parameters of their own; no real one comes near this.</summary>
    public const int MaxParameters = 90;

    /// <summary>
    /// As the known clients write it: quote, backslash and controls are escaped, U+2028 and U+2029 too, and nothing else.
    /// </summary>
    public static string Write(VxpParameters parameters)
    {
        var text = new StringBuilder("{");
        foreach (var (name, value) in parameters.Entries)
        {
            if (text.Length > 1)
            {
                text.Append(',');
            }
            Append(text, VxpNames.Prefix + name);
            text.Append(':');
            Append(text, value);
        }
        return text.Append('}').ToString();
    }

    /// <summary>The names without prefix, joined as in <c>sign-header-key</c>.</summary>
    public static string KeyOf(VxpParameters parameters) =>
        string.Join(';', parameters.Entries.Select(entry => entry.Key));

    /// <summary>Reads the text strictly; the problem says in English what was expected.</summary>
    public static VxpParameters? Read(ReadOnlySpan<byte> utf8, out string problem)
    {
        try
        {
            return ReadObject(utf8, out problem);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The second: an escape that is no Unicode character, or bytes that are no UTF-8.
            problem = "sign-header is not a JSON object of strings in UTF-8";
            return null;
        }
    }

    private static VxpParameters? ReadObject(ReadOnlySpan<byte> utf8, out string problem)
    {
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            problem = "sign-header is not a JSON object";
            return null;
        }
        var parameters = new VxpParameters();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!name.StartsWith(VxpNames.Prefix, StringComparison.Ordinal))
            {
                problem = $"every name in sign-header begins with {VxpNames.Prefix}";
                return null;
            }
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            {
                problem = "every value in sign-header is a string";
                return null;
            }
            if (!parameters.TryAdd(name[VxpNames.Prefix.Length..], reader.GetString()!))
            {
                problem = "a name occurs twice in sign-header";
                return null;
            }
            if (parameters.Count > MaxParameters)
            {
                problem = $"sign-header has more than {MaxParameters} parameters";
                return null;
            }
        }
        // Anything after the object makes the reader throw.
        reader.Read();
        problem = "";
        return parameters;
    }

    private static void Append(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var letter in value)
        {
            _ = letter switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\f' => text.Append("\\f"),
                < ' ' or '\u2028' or '\u2029' => text.Append(
                    CultureInfo.InvariantCulture,
                    $"\\u{(int)letter:x4}"
                ),
                _ => text.Append(letter),
            };
        }
        text.Append('"');
    }
}
