using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;

namespace Axis.Hub.Letters;

/// <summary>Seen from the agencies that a caller speaks for.</summary>
public enum LetterDirection
{
    Sent,
    Received,
}

/// <summary>What is remembered of a letter. Everything narrows; nothing given means all that the caller may see.</summary>
/// <param name="DocumentId">Whole, as in the header.</param>
/// <param name="NumberKey">As <see cref="DocumentNumber.Key"/> writes it.</param>
/// <param name="Senders">The agency and those that it succeeded; null for any.</param>
/// <param name="Recipients">Likewise.</param>
/// <param name="Words">Of the subject, with or without accents; all of them must occur.</param>
/// <param name="State">One of <see cref="StageNames"/>, at one recipient at least.</param>
/// <param name="From">Received by the hub at this instant or later.</param>
/// <param name="Until">Received by the hub before this instant.</param>
/// <param name="Before">The cursor: letters older than this package.</param>
public sealed record LetterQuery(
    string? DocumentId = null,
    string? NumberKey = null,
    Guid[]? Senders = null,
    Guid[]? Recipients = null,
    string? Words = null,
    string? State = null,
    LetterDirection? Direction = null,
    DateTimeOffset? From = null,
    DateTimeOffset? Until = null,
    Guid? Before = null,
    int Limit = LetterQuery.DefaultLimit
)
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;
    private const int MaxText = 200;

    /// <summary>Half-open bounds of package ids: the dates, and the cursor.</summary>
    internal IdRange Range
    {
        get
        {
            var before = Until is { } until ? IdDays.Floor(until) : Guid.AllBitsSet;
            return new(
                From is { } from ? IdDays.Floor(from) : Guid.Empty,
                Before is { } cursor && cursor.CompareTo(before) < 0 ? cursor : before
            );
        }
    }

    /// <summary>Reads the parameters of a request; what cannot be read is among the errors of the parameters.</summary>
    internal static LetterQuery Read(OpsParameters given, RegistrySnapshot registry)
    {
        var number = Short(given, "number");
        return new LetterQuery(
            Short(given, "documentId"),
            number is null
                ? null
                : NumberOf(number)
                    ?? given.Refuse<string>(
                        "number",
                        number,
                        new Words("a number like 15/UBND-VP", "số ký hiệu như 15/UBND-VP")
                    ),
            AgencyOf(given, "sender", registry),
            AgencyOf(given, "recipient", registry),
            Short(given, "subject"),
            given.OneOf("state", StageNames.All),
            given.OneOf("direction", ["sent", "received"]) switch
            {
                "sent" => LetterDirection.Sent,
                "received" => LetterDirection.Received,
                _ => null,
            },
            given.Day("from"),
            given.Day("to")?.AddDays(1),
            given.Id("before"),
            given.Limit(DefaultLimit, MaxLimit)
        );
    }

    private static string? NumberOf(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? null : new DocumentNumber(text[..slash], text[(slash + 1)..]).Key;
    }

    private static string? Short(OpsParameters given, string name) =>
        given.Text(name) is not { } text ? null
        : text.Length <= MaxText ? text
        : given.Refuse<string>(
            name,
            text,
            new Words($"at most {MaxText} characters", $"tối đa {MaxText} ký tự")
        );

    private static Guid[]? AgencyOf(OpsParameters given, string name, RegistrySnapshot registry) =>
        given.Text(name) is not { } code ? null
        : registry.LastOwnerOf(code) is { } agency ? [.. registry.FamilyOf(agency.Id)]
        : given.Refuse<Guid[]>(
            name,
            code,
            new Words("a code of an agency of the registry", "mã của một cơ quan trong danh mục")
        );
}
