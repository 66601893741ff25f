using System.Text.Json;

namespace Axis.Vxp.Client;

/// <summary>An answer that said success.</summary>
public sealed class VxpAnswerText
{
    internal VxpAnswerText(JsonElement root) => Root = root;

    internal JsonElement Root { get; }
}

/// <summary>
/// Reads answers as real servers may write them: numbers for strings, null or missing members, an object where a list
/// was promised, base64 in lines, without padding or in the alphabet of URLs. What is no success in all this is a fault:
/// a client that took an error page for an empty list would believe that nothing waits.
/// </summary>
internal static class LenientAnswer
{
    /// <summary>Known ones have 24 characters, or 36.</summary>
    private const int MaxIdLength = 500;

    // Answers are flat; whatever is nested deeper is not from this protocol.
    private static readonly JsonDocumentOptions s_shallow = new()
    {
        MaxDepth = 16,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    public static (VxpAnswerText? Answer, FarFault? Fault) Read(FarBody body)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(
                new ReadOnlyMemory<byte>(body.Bytes)[(body.Bytes.Length - body.Text.Length)..],
                s_shallow
            );
            root = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return (null, Unintelligible(body));
        }
        if (root.ValueKind != JsonValueKind.Object || Text(root, "ErrorCode") is not { } code)
        {
            return (null, Unintelligible(body));
        }
        var description = FarBody.OneLine(Text(root, "ErrorDesc") ?? "");
        if (code != VxpStatus.NoError)
        {
            // 15 is how provinces' adapters say "wrong id or secret".
            return (
                null,
                new(
                    code == "15" ? FarFaultKind.Unauthorised : FarFaultKind.Refused,
                    code,
                    description
                )
            );
        }
        return
            Text(root, "status") is { } status
            && status.Equals(VxpStatus.Fail, StringComparison.OrdinalIgnoreCase)
            ? (null, new(FarFaultKind.Refused, code, description))
            : (new VxpAnswerText(root), null);
    }

    public static string DocIdOf(VxpAnswerText answer) => Text(answer.Root, "DocId") ?? "";

    public static string CountOf(VxpAnswerText answer) => Text(answer.Root, "count") ?? "";

    public static IReadOnlyList<ReceivedEdoc> ReceivedOf(VxpAnswerText answer) =>
        [
            .. Items(answer)
                .Where(item => Text(item, "docId") is { Length: > 0 and <= MaxIdLength })
                .Select(item => new ReceivedEdoc(
                    Text(item, "docId")!,
                    Text(item, "messageType") ?? "",
                    Text(item, "from") ?? "",
                    First(item, "to"),
                    Text(item, "created_time") ?? "",
                    Text(item, "status") ?? ""
                )),
        ];

    public static IReadOnlyList<SentEdoc> SentOf(VxpAnswerText answer) =>
        [
            .. Items(answer)
                .Select(item => new SentEdoc(
                    Text(item, "senderDocId") ?? Text(item, "docId") ?? "",
                    Text(item, "receiverDocId") ?? "",
                    Text(item, "messageType") ?? "",
                    Text(item, "fromCode") ?? Text(item, "from") ?? "",
                    Text(item, "toCode") ?? First(item, "to"),
                    Text(item, "title") ?? "",
                    Text(item, "notation") ?? "",
                    Text(item, "sentTime") ?? Text(item, "created_time") ?? "",
                    Text(item, "receiveStatus") ?? Text(item, "status") ?? "",
                    Text(item, "sendStatus") ?? "",
                    Text(item, "sendStatusDesc") ?? ""
                ))
                .Where(item => item.DocId.Length > 0),
        ];

    public static IReadOnlyList<FarAgency> AgenciesOf(VxpAnswerText answer) =>
        [
            .. Items(answer)
                .Where(item => Text(item, "code") is { Length: > 0 })
                .Select(item => new FarAgency(
                    Text(item, "id") ?? "",
                    Text(item, "pid") ?? "",
                    Text(item, "code")!,
                    Text(item, "oldCode") ?? Text(item, "code102") ?? "",
                    Text(item, "name") ?? "",
                    Text(item, "mail") ?? "",
                    Text(item, "deleted") is "true" or "1",
                    Text(item, "isAgency") is not ("false" or "0"),
                    Text(item, "centerCode") ?? "",
                    Text(item, "modifyDate") ?? ""
                )),
        ];

    /// <summary>Null when it is no base64 in any spelling.</summary>
    public static byte[]? PackageOf(VxpAnswerText answer)
    {
        if (
            !answer.Root.TryGetProperty("data", out var data)
            || data.ValueKind != JsonValueKind.String
        )
        {
            return null;
        }
        try
        {
            if (data.TryGetBytesFromBase64(out var bytes))
            {
                return bytes;
            }
            var text = data.GetString()!
                .ReplaceLineEndings("")
                .Replace(" ", "", StringComparison.Ordinal)
                .Replace('-', '+')
                .Replace('_', '/')
                .TrimEnd('=');
            return Convert.FromBase64String(
                text.PadRight(text.Length + ((4 - (text.Length % 4)) % 4), '=')
            );
        }
        catch (Exception failure) when (failure is FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonElement> Items(VxpAnswerText answer) =>
        answer.Root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array
            ? data.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object)
            : [];

    /// <summary>A member as text, whatever it is; null when it is absent, null or a structure.</summary>
    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => Written(value) is { } text ? Printable(text) : null,
                JsonValueKind.Number => value.GetRawText(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => null,
            }
            : null;

    /// <summary>A member that is a text, or an array of texts of which the first counts.</summary>
    private static string First(JsonElement item, string name) =>
        Text(item, name)
        ?? (
            item.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Array
            && value.GetArrayLength() > 0
            && value[0].ValueKind == JsonValueKind.String
            && Written(value[0]) is { } text
                ? Printable(text)
                : ""
        );

    /// <summary>Null when its bytes or escapes are no text, which the reader finds out only here.</summary>
    private static string? Written(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Without control characters: neither a header nor a column of text takes them all.</summary>
    private static string Printable(string text) =>
        text.Any(char.IsControl)
            ? string.Concat(text.Where(letter => !char.IsControl(letter)))
            : text;

    private static FarFault Unintelligible(FarBody body) =>
        new(FarFaultKind.Unintelligible, "body", body.Excerpt);
}
