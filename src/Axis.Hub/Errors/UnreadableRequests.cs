using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Axis.Hub.Errors;

/// <summary>
/// Words for what the server refuses by itself, before any endpoint: no such path, another verb, a body that is not the
/// JSON of the contract. What was expected is said; what the server says to itself is not.
/// </summary>
public static class UnreadableRequests
{
    private static readonly Words OtherVerb = new(
        "another method was expected, one of those in Allow",
        "cần phương thức khác, là một trong các phương thức ghi ở Allow"
    );

    private static readonly Words OtherRange = new(
        "a Range within the content was expected, whose length is in Content-Range",
        "cần Range nằm trong nội dung, có độ dài ghi ở Content-Range"
    );

    private static readonly Words JsonType = new(
        "Content-Type: application/json was expected",
        "cần Content-Type: application/json"
    );

    private static readonly Words JsonBody = new(
        "a body of JSON was expected, as the contract has it",
        "cần nội dung JSON theo giao ước kỹ thuật"
    );

    /// <summary>Of an answer that has a status and no words.</summary>
    public static ErrorItem OfStatus(int status) =>
        status == StatusCodes.Status404NotFound
            ? RequestErrors.NotFound.At(null, null, Words.Resource)
            : Unreadable(
                status,
                null,
                status switch
                {
                    StatusCodes.Status405MethodNotAllowed => OtherVerb,
                    StatusCodes.Status415UnsupportedMediaType => JsonType,
                    StatusCodes.Status416RangeNotSatisfiable => OtherRange,
                    _ => new Words(ReasonPhrases.GetReasonPhrase(status), $"HTTP {status}"),
                }
            );

    public static ErrorItem Of(BadHttpRequestException refusal, HttpContext context) =>
        (refusal.StatusCode, refusal.InnerException) switch
        {
            (StatusCodes.Status413PayloadTooLarge, _) => RequestErrors.TooLarge.At(
                null,
                null,
                context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize
                    ?? new Words("the server", "máy chủ") as object
            ),
            (StatusCodes.Status415UnsupportedMediaType, _) => OfStatus(refusal.StatusCode),
            (var status, JsonException json) => Unreadable(status, PathOf(json), InWords(json)),
            (StatusCodes.Status400BadRequest, _)
                when context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody
                    == false => Unreadable(refusal.StatusCode, null, JsonBody),
            var (status, _) => Unreadable(
                status,
                null,
                new Words(refusal.Message, $"HTTP {status}")
            ),
        };

    private static ErrorItem Unreadable(int status, string? path, Words words) =>
        RequestErrors.Malformed.At(path, null, words) with
        {
            HttpStatus = status,
        };

    // $.ids[0] is written ids[0], as a parameter is; $ alone is the body.
    private static string? PathOf(JsonException json) =>
        json.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : null;

    // The parser's own sentence names types of the program and advice for programmers.
    private static Words InWords(JsonException json)
    {
        var (line, place) = (json.LineNumber + 1, json.BytePositionInLine + 1);
        return PathOf(json) is { } path
            ? new Words(
                $"JSON as the contract has it was expected; {path} (line {line}, byte {place}) is not",
                $"cần JSON theo giao ước kỹ thuật; {path} (dòng {line}, byte {place}) không đúng"
            )
            : new Words(
                $"JSON as the contract has it was expected; from line {line}, byte {place} on it is not",
                $"cần JSON theo giao ước kỹ thuật; sai từ dòng {line}, byte {place}"
            );
    }
}
