using System.Globalization;

namespace Axis.Client;

/// <summary>What is remembered of a letter; everything narrows, nothing is needed.</summary>
public sealed record LetterQuery
{
    public string? DocumentId { get; init; }

    /// <summary>Number and notation joined by a slash.</summary>
    public string? Number { get; init; }

    /// <summary>Any code of the sending agency.</summary>
    public string? Sender { get; init; }

    /// <summary>Any code of a recipient.</summary>
    public string? Recipient { get; init; }

    /// <summary>Words of the subject, with or without accents.</summary>
    public string? Subject { get; init; }

    /// <summary>A stage, such as processing, at one recipient at least.</summary>
    public string? State { get; init; }

    /// <summary>sent or received; null for both.</summary>
    public string? Direction { get; init; }

    /// <summary>First and last day on which the hub received it.</summary>
    public DateOnly? From { get; init; }
    public DateOnly? To { get; init; }

    /// <summary>The <see cref="LetterPage.Next"/> of the page before.</summary>
    public Guid? Before { get; init; }

    /// <summary>1 to 100.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>As the hub reads it, with the question mark.</summary>
    public string ToQueryString()
    {
        (string Name, string? Value)[] given =
        [
            ("documentId", DocumentId),
            ("number", Number),
            ("sender", Sender),
            ("recipient", Recipient),
            ("subject", Subject),
            ("state", State),
            ("direction", Direction),
            ("from", From?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            ("to", To?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            ("before", Before?.ToString()),
            ("limit", Limit.ToString(CultureInfo.InvariantCulture)),
        ];
        return "?"
            + string.Join(
                '&',
                given
                    .Where(one => one.Value is not null)
                    .Select(one => $"{one.Name}={Uri.EscapeDataString(one.Value!)}")
            );
    }
}

/// <param name="Next">Give it as <see cref="LetterQuery.Before"/>; null on the last page.</param>
public sealed record LetterPage(IReadOnlyList<LetterItem> Items, Guid? Next = null);

/// <summary>A letter in a list, with how many recipients stand where.</summary>
public sealed record LetterItem
{
    public required Guid PackageId { get; init; }
    public required string DocumentId { get; init; }
    public required string Business { get; init; }
    public required string Sender { get; init; }
    public string? SenderName { get; init; }
    public required string Subject { get; init; }
    public required string CodeNumber { get; init; }
    public required string CodeNotation { get; init; }
    public DateOnly? PromulgatedOn { get; init; }

    /// <summary>The day by which it asks to be dealt with.</summary>
    public DateOnly? DueOn { get; init; }
    public required string TypeName { get; init; }
    public required int Priority { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The verdict on the envelope signature.</summary>
    public required string Signature { get; init; }

    /// <summary>How many recipients the caller may see, and by stage where they stand.</summary>
    public required int Recipients { get; init; }
    public required IReadOnlyDictionary<string, int> Stages { get; init; }
}
