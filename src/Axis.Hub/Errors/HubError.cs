using System.Globalization;

namespace Axis.Hub.Errors;

/// <summary>
/// One entry of the error catalogue: a number that never changes its meaning, the HTTP status that goes with it,
/// and its sentence in English and Vietnamese. <c>{0}</c>, <c>{1}</c> in the sentences are filled by <see cref="At"/>; what is a word in them is <see cref="Words"/>.
/// </summary>
public sealed record HubError(
    int Number,
    int HttpStatus,
    string Name,
    string Message,
    string MessageVi
)
{
    public string Code => string.Create(CultureInfo.InvariantCulture, $"AXIS-{Number}");

    /// <summary>The error as it happened: where in the package, with which value.</summary>
    public ErrorItem At(string? path = null, string? value = null, params object[] arguments) =>
        new(
            Code,
            path,
            Shortened(value),
            null,
            null,
            string.Format(CultureInfo.InvariantCulture, Message, arguments),
            string.Format(
                CultureInfo.InvariantCulture,
                MessageVi,
                [.. arguments.Select(argument => argument is Words words ? words.Vi : argument)]
            )
        )
        {
            HttpStatus = HttpStatus,
        };

    // An answer quotes what was wrong, it does not mirror megabytes back.
    private static string? Shortened(string? value) =>
        value is { Length: > 200 } ? value[..200] + "…" : value;
}

/// <summary>One problem of one request, as answered (<c>errors[]</c> of the problem details).</summary>
public sealed record ErrorItem(
    string Code,
    string? Path,
    string? Value,
    int? Line,
    int? Column,
    string Message,
    string MessageVi
)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public int HttpStatus { get; init; } = StatusCodes.Status422UnprocessableEntity;
}
