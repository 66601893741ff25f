namespace Axis.EdXml;

/// <summary>A sending or receiving agency as the package describes it. Texts are trimmed; null means absent or empty.</summary>
public sealed record Party
{
    public string? OrganId { get; init; }

    /// <summary>The parsed <see cref="OrganId"/>; null when it is absent or malformed.</summary>
    public AgencyCode? Code { get; init; }
    public string? OrganizationInCharge { get; init; }
    public string? OrganName { get; init; }
    public string? OrganAdd { get; init; }
    public string? Email { get; init; }
    public string? Telephone { get; init; }
    public string? Fax { get; init; }
    public string? Website { get; init; }
}

/// <summary>The header of a document package. Order of elements in the package does not matter; texts are trimmed, null means absent or empty.</summary>
public sealed record DocumentHeader
{
    public required Party From { get; init; }

    /// <summary>One entry per To element, in the order of the package, repeats included.</summary>
    public IReadOnlyList<Party> To { get; init; } = [];

    /// <summary>Opaque: unique per (From/OrganId, DocumentId).</summary>
    public string? DocumentId { get; init; }
    public string? CodeNumber { get; init; }
    public string? CodeNotation { get; init; }
    public string? Place { get; init; }
    public EdDate? PromulgationDate { get; init; }
    public DocumentType DocumentType { get; init; } = new();
    public string? Subject { get; init; }
    public string? Content { get; init; }
    public Signer Signer { get; init; } = new();
    public EdDate? DueDate { get; init; }
    public IReadOnlyList<string> ToPlaces { get; init; } = [];
    public OtherInfo OtherInfo { get; init; } = new();
    public IReadOnlyList<ResponseFor> ResponseFor { get; init; } = [];

    /// <summary>Sources disagree on what the numbers mean: kept for display, never to branch on.</summary>
    public EdNumber? SteeringType { get; init; }
    public EdNumber? ApplicationType { get; init; }
    public IReadOnlyList<string> TaskCodes { get; init; } = [];

    /// <summary>Every hop in the order of the package.</summary>
    public IReadOnlyList<TraceHop> Trace { get; init; } = [];
    public Business Business { get; init; } = new();
    public IReadOnlyList<ManifestReference> Manifest { get; init; } = [];

    /// <summary>Elements the format does not know, kept with their text and place.</summary>
    public IReadOnlyList<UnknownElement> Unknown { get; init; } = [];
}

/// <summary>Kind of letter. Sources disagree on <see cref="Type"/>; <see cref="TypeName"/> is the reliable field.</summary>
public sealed record DocumentType
{
    public EdNumber? Type { get; init; }
    public EdNumber? TypeDetail { get; init; }
    public string? TypeName { get; init; }
}

public sealed record Signer
{
    public string? Competence { get; init; }
    public string? Position { get; init; }
    public string? FullName { get; init; }
}

public sealed record OtherInfo
{
    /// <summary>Urgency: 0 normal, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc, 4 hỏa tốc hẹn giờ; null when absent or not a number.</summary>
    public int? Priority => PriorityText?.Value;
    public EdNumber? PriorityText { get; init; }
    public string? SphereOfPromulgation { get; init; }
    public string? TyperNotation { get; init; }
    public EdNumber? PromulgationAmount { get; init; }
    public EdNumber? PageAmount { get; init; }
    public string? Direction { get; init; }
    public IReadOnlyList<string> Appendixes { get; init; } = [];
}

/// <summary>The letter that this one answers or reports about.</summary>
public sealed record ResponseFor
{
    public string? OrganId { get; init; }
    public AgencyCode? OrganCode { get; init; }

    /// <summary>Number and notation joined, e.g. 7816/VPCP-TTĐT.</summary>
    public string? Code { get; init; }
    public EdDate? PromulgationDate { get; init; }
    public string? DocumentId { get; init; }

    /// <summary>True when the element is there but says nothing, as some producers write it.</summary>
    public bool IsEmpty =>
        OrganId is null && Code is null && PromulgationDate is null && DocumentId is null;
}

/// <summary>One TraceHeader: who handled the package and when.</summary>
public sealed record TraceHop
{
    /// <summary>Null when absent, empty or the literal "null".</summary>
    public string? OrganId { get; init; }
    public AgencyCode? Code { get; init; }
    public EdTimestamp? Timestamp { get; init; }
}

public sealed record StaffInfo
{
    public string? Department { get; init; }
    public string? DepartmentId { get; init; }
    public string? Staff { get; init; }
    public string? StaffId { get; init; }
    public string? Mobile { get; init; }
    public string? Email { get; init; }
}

/// <summary>The Bussiness element (double s in the standard): new, recall, update or replacement, and of what.</summary>
public sealed record Business
{
    /// <summary>False when the package has no Bussiness element; <see cref="Type"/> is then <see cref="BusinessType.New"/>.</summary>
    public bool Present { get; init; }

    /// <summary>New when absent or not a known number; rule findings tell the difference.</summary>
    public BusinessType Type { get; init; }
    public EdNumber? TypeText { get; init; }

    /// <summary>Id of the recalled or updated letter; often absent in recalls.</summary>
    public string? DocumentId { get; init; }
    public string? Reason { get; init; }

    /// <summary>"1": also sent on paper.</summary>
    public string? Paper { get; init; }
    public string? DocumentInfo { get; init; }
    public string? DocumentReceiver { get; init; }
    public IReadOnlyList<ChangedReceiver> Receivers { get; init; } = [];
    public IReadOnlyList<Replacement> Replacements { get; init; } = [];
    public StaffInfo? StaffInfo { get; init; }

    public IEnumerable<string> ReceiversAdded =>
        Receivers.Where(r => r.Added == true).Select(r => r.OrganId!);
    public IEnumerable<string> ReceiversRemoved =>
        Receivers.Where(r => r.Added == false).Select(r => r.OrganId!);
}

/// <summary>A recipient that an update adds (ReceiverType 1) or removes (0).</summary>
public sealed record ChangedReceiver(string? OrganId, string? ReceiverType)
{
    public bool? Added =>
        OrganId is null
            ? null
            : ReceiverType switch
            {
                "1" => true,
                "0" => false,
                _ => null,
            };
}

/// <summary>A replaced letter and the recipients for whom it is replaced (none named: all).</summary>
public sealed record Replacement(string? DocumentId, IReadOnlyList<string> OrganIds);

/// <summary>One Reference of edXMLManifest.</summary>
public sealed record ManifestReference
{
    public string? ContentId { get; init; }
    public string? ContentType { get; init; }
    public string? Description { get; init; }
    public string? AttachmentName { get; init; }

    /// <summary>The xlink:href attribute of older producers.</summary>
    public string? Href { get; init; }
    public int Line { get; init; }
    public int Column { get; init; }
}

/// <summary>An element or value that the format does not know.</summary>
public sealed record UnknownElement(string Path, string? Text, int Line, int Column);
