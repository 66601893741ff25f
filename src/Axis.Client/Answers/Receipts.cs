namespace Axis.Client;

/// <summary>What the hub answers to an accepted submission; the same for every repeat of it.</summary>
public abstract record SubmissionReceipt
{
    public required Guid PackageId { get; init; }
    public required string DocumentId { get; init; }

    /// <summary>Of the bytes as received, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>In bytes.</summary>
    public required long Size { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
}

/// <summary>A document is accepted: the hub answers for it from now on.</summary>
public sealed record DocumentReceipt : SubmissionReceipt
{
    /// <summary>new, recall, update or replace.</summary>
    public required string Business { get; init; }

    /// <summary>The identifier of the sender, as written in the package.</summary>
    public required string Sender { get; init; }

    /// <summary>One for each distinct recipient agency.</summary>
    public required IReadOnlyList<ReceiptDelivery> Deliveries { get; init; }
    public required SignatureSummary Signature { get; init; }

    /// <summary>The best verdict on the attached PDF files, such as valid.</summary>
    public string? DocumentVerdict { get; init; }

    /// <summary>What the sender was held to: envelope, document, either or record.</summary>
    public string? SignaturePolicy { get; init; }

    /// <summary>The verdict on each attachment.</summary>
    public IReadOnlyList<AttachmentVerdict> Attachments { get; init; } = [];

    /// <summary>The hub's signature over the receipt; keep it, it proves offline what the hub accepted.</summary>
    public string? Jws { get; init; }

    /// <summary>What was accepted but should be mended.</summary>
    public IReadOnlyList<ErrorItem> Warnings { get; init; } = [];

    /// <summary>Of a recall, update or replacement: what became of the letter at each recipient.</summary>
    public IReadOnlyList<ActEffect> Effects { get; init; } = [];
}

/// <param name="DeliveryId">Of the letter.</param>
/// <param name="Effect">withdrawn, asked, replaced or none.</param>
/// <param name="Outcome">applied, repeated or late.</param>
public sealed record ActEffect(
    Guid DeliveryId,
    string Recipient,
    string Agency,
    string Effect,
    string Outcome,
    string Stage
);

/// <summary>A status report is accepted.</summary>
public sealed record StatusReceipt : SubmissionReceipt
{
    /// <summary>The delivery that the report is about.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>Two digits.</summary>
    public required string Status { get; init; }

    /// <summary>applied, repeated or late.</summary>
    public required string Outcome { get; init; }

    /// <summary>Where the delivery stands after it.</summary>
    public string Stage { get; init; } = "";
}

/// <param name="Recipient">The code as the sender wrote it.</param>
/// <param name="Agency">The primary code of the agency that the code leads to.</param>
/// <param name="Route">office_system or national.</param>
public sealed record ReceiptDelivery(
    Guid DeliveryId,
    string Recipient,
    string Agency,
    string AgencyName,
    string Route,
    string State,
    Substitution? Substitution = null
);

/// <summary>The verdict on the envelope signature.</summary>
public sealed record SignatureSummary(
    string Verdict,
    string? Reason = null,
    string? ReasonVi = null
);

/// <summary>The verdict on the signatures inside one attachment.</summary>
public sealed record AttachmentVerdict(
    string Verdict,
    string? Name = null,
    string? Reason = null,
    string? ReasonVi = null
);

/// <summary>RFC 9457 problem details with every problem found; the first is the one to mend first.</summary>
public sealed record Problem(
    string Type,
    string Title,
    int Status,
    string Detail,
    IReadOnlyList<ErrorItem> Errors
);

/// <param name="Code">AXIS- and four digits; a number never changes its meaning.</param>
/// <param name="Path">Of the element, by local names from the root.</param>
public sealed record ErrorItem(
    string Code,
    string Message,
    string MessageVi,
    string? Path = null,
    string? Value = null,
    int? Line = null,
    int? Column = null
);

/// <summary>The hub refused; nothing was accepted.</summary>
public sealed class AxisRefusedException : Exception
{
    public AxisRefusedException(Problem problem)
        : base(problem?.Title) =>
        Problem = problem ?? throw new ArgumentNullException(nameof(problem));

    public Problem Problem { get; }
}
