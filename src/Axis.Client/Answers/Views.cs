namespace Axis.Client;

/// <summary>A list as the hub answers it.</summary>
public sealed record Items<T>(
    [property: System.Text.Json.Serialization.JsonPropertyName("items")] IReadOnlyList<T> List
);

/// <summary>A delivery that waits to be collected.</summary>
public sealed record InboxItem
{
    /// <summary>Stable: deduplicate by it.</summary>
    public required Guid DeliveryId { get; init; }
    public required Guid PackageId { get; init; }
    public required string DocumentId { get; init; }

    /// <summary>new, recall, update or replace.</summary>
    public required string Business { get; init; }
    public required string Sender { get; init; }
    public string? SenderName { get; init; }

    /// <summary>The code as written in the package.</summary>
    public required string Recipient { get; init; }
    public required string Subject { get; init; }
    public required string CodeNumber { get; init; }
    public required string CodeNotation { get; init; }
    public DateOnly? PromulgatedOn { get; init; }
    public required int Priority { get; init; }
    public required bool Urgent { get; init; }
    public required long Size { get; init; }
    public required string Sha256 { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The verdict on the envelope signature, such as valid.</summary>
    public required string Signature { get; init; }
    public Substitution? Substitution { get; init; }

    /// <summary>The best verdict on the attached PDF files.</summary>
    public string? DocumentVerdict { get; init; }
}

/// <summary>Another agency receives than the one that the code names, or the code has ended.</summary>
/// <param name="Named">The code as the sender wrote it.</param>
/// <param name="Kind">merged, split or renamed.</param>
/// <param name="Agency">The primary code of the agency that receives.</param>
public sealed record Substitution(
    string Named,
    string NamedAgency,
    string Kind,
    DateTimeOffset Since,
    string Agency,
    string AgencyName
);

/// <summary>A document package with the deliveries the caller may see.</summary>
public sealed record PackageView
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
    public required int Priority { get; init; }
    public required long Size { get; init; }
    public required string Sha256 { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The verdict on the envelope signature, such as valid.</summary>
    public required string Signature { get; init; }

    /// <summary>The best verdict on the attached PDF files.</summary>
    public string? DocumentVerdict { get; init; }

    /// <summary>The verdict on each attachment.</summary>
    public IReadOnlyList<AttachmentVerdict> Attachments { get; init; } = [];

    /// <summary>Other packages of the same sender that this one is tied to.</summary>
    public IReadOnlyList<Link> Links { get; init; } = [];
    public required IReadOnlyList<DeliveryView> Deliveries { get; init; }
}

/// <summary>One package on its way to one recipient agency.</summary>
public sealed record DeliveryView
{
    public required Guid DeliveryId { get; init; }
    public required string Recipient { get; init; }

    /// <summary>Its primary code; null when the agency was removed from the registry.</summary>
    public string? Agency { get; init; }
    public string? AgencyName { get; init; }
    public required string Route { get; init; }
    public string? OfficeSystem { get; init; }

    /// <summary>waiting, dispatched, collected, held, failed, withdrawn, replaced or expired.</summary>
    public required string State { get; init; }

    /// <summary>The last applied status code.</summary>
    public string? Status { get; init; }

    /// <summary>Where it stands in its life, such as received or recall_asked.</summary>
    public string Stage { get; init; } = "";
    public required int Attempts { get; init; }
    public DateTimeOffset? NextAttemptAt { get; init; }
    public string? LastError { get; init; }
    public Substitution? Substitution { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<HistoryEntry> History { get; init; }

    /// <summary>Recalls and updates asked about it, oldest first.</summary>
    public IReadOnlyList<Dialogue> Dialogues { get; init; } = [];
}

/// <param name="Kind">recall or update.</param>
/// <param name="State">asked, agreed, declined, overtaken or closed.</param>
public sealed record Dialogue(
    string Kind,
    string State,
    DateTimeOffset AskedAt,
    string? Reason = null,
    DateTimeOffset? AnsweredAt = null,
    int Reminders = 0
);

/// <param name="Relation">recalls, recalledBy, updates, updatedBy, replaces or replacedBy.</param>
public sealed record Link(string Relation, Guid PackageId, string DocumentId);

/// <param name="What">Such as accepted, dispatched, collected, handed_over, status, failed, recall.</param>
/// <param name="Actor">The office system or operator that caused it, or hub.</param>
public sealed record HistoryEntry(
    DateTimeOffset At,
    string What,
    string Actor,
    string? Status = null,
    string? Outcome = null,
    string? Detail = null
);

/// <summary>The answer to a connection test: who the caller is to the hub.</summary>
/// <param name="InboxDoor">http or amqp.</param>
/// <param name="Agencies">How many it speaks for now.</param>
/// <param name="At">The hub's time.</param>
public sealed record Pong(
    string OfficeSystem,
    string Name,
    string InboxDoor,
    int Agencies,
    DateTimeOffset At
);

/// <summary>A CloudEvents 1.0 event about a delivery of the caller's.</summary>
/// <param name="Id">Handle an event by it: the same one may be seen more than once.</param>
/// <param name="Type">Such as vn.axis.delivery.status; pass over, and acknowledge, those you do not know.</param>
/// <param name="Subject">The delivery id.</param>
/// <param name="Sequence">Orders the events of one delivery, as text.</param>
public sealed record CloudEvent(
    Guid Id,
    string Type,
    DateTimeOffset Time,
    string Subject,
    EventData Data,
    string Sequence = ""
);

public sealed record EventData
{
    public required Guid DeliveryId { get; init; }
    public required Guid PackageId { get; init; }
    public required string DocumentId { get; init; }
    public required string Recipient { get; init; }
    public required string Agency { get; init; }

    /// <summary>Where the delivery stands after it.</summary>
    public string Stage { get; init; } = "";
    public string? Status { get; init; }
    public string? StatusName { get; init; }
    public string? Description { get; init; }
    public DateTimeOffset? ReportedAt { get; init; }
    public string? Outcome { get; init; }
    public Substitution? Substitution { get; init; }

    /// <summary>The recall, update or replacement package that caused it.</summary>
    public Guid? ActPackageId { get; init; }
    public string? ActDocumentId { get; init; }

    /// <summary>Of a reminder: which one.</summary>
    public int? Reminder { get; init; }

    /// <summary>The status edXML as received.</summary>
    public byte[]? StatusPackage { get; init; }
}
