namespace Axis.EdXml;

/// <summary>Everything one pass over a package found out. Present also for broken packages, as far as they could be read.</summary>
public sealed record PackageReading
{
    /// <summary>Null: not recognisable as an edXML package.</summary>
    public PackageKind? Kind { get; init; }
    public EnvelopeForm Form { get; init; }

    /// <summary>Set for document packages.</summary>
    public DocumentHeader? Document { get; init; }

    /// <summary>Set for status packages.</summary>
    public StatusHeader? Status { get; init; }
    public IReadOnlyList<AttachmentFacts> Attachments { get; init; } = [];

    /// <summary>What was noticed while reading: not well-formed, DTD, limits, structure. Rules add to it in <see cref="PackageRules.Check"/>.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>SHA-256 (32 bytes) of the package as received.</summary>
    public ReadOnlyMemory<byte> Sha256 { get; init; }

    /// <summary>Bytes of the package as received.</summary>
    public long Length { get; init; }

    /// <summary>True when the package was read to its end: well-formed and within the limits.</summary>
    public bool IsComplete { get; init; }
    public EnvelopeSignatureFacts Signature { get; init; } = new();

    /// <summary>Where one more hop can be written; null without a TraceHeaderList.</summary>
    public HopPlace? HopPlace { get; init; }

    internal PackageTree? Tree { get; init; }
    internal NamespaceVariants Namespaces { get; init; }
}

/// <summary>The end of TraceHeaderList.</summary>
/// <param name="Offset">Byte offset of its end tag.</param>
/// <param name="Prefix">Its namespace prefix; empty for none.</param>
public sealed record HopPlace(long Offset, string Prefix);

/// <summary>Where envelope signatures stand and where one could be inserted. Offsets are bytes from the start of the package.</summary>
public sealed record EnvelopeSignatureFacts
{
    /// <summary>Signature elements anywhere in the package outside attachment data.</summary>
    public int Count { get; init; }
    public bool Present => Count > 0;

    /// <summary>First byte of the first Signature element; -1 when there is none.</summary>
    public long Start { get; init; } = -1;

    /// <summary>The byte after the first Signature element; -1 when there is none.</summary>
    public long End { get; init; } = -1;

    /// <summary>True when the first Signature is a child of edXMLHeader.</summary>
    public bool InHeader { get; init; }

    /// <summary>Offset of the end tag of edXMLHeader, where a Signature is to be inserted; -1 when there is no header.</summary>
    public long HeaderEnd { get; init; } = -1;
}

/// <summary>What the content of an attachment is, told by its first bytes.</summary>
public enum ContentKind
{
    Unknown,
    Empty,
    Pdf,
    Zip,

    /// <summary>Office Open XML: docx, xlsx, pptx.</summary>
    Ooxml,

    /// <summary>OLE compound file: doc, xls, ppt.</summary>
    Ole,
    Xml,
    Text,
    Png,
    Jpeg,
}

/// <summary>Damage recognised in an attachment.</summary>
[Flags]
public enum AttachmentDamage
{
    None = 0,

    /// <summary>Characters that base64 does not know.</summary>
    NotBase64 = 1,

    /// <summary>The base64 text ends in the middle of a group.</summary>
    TruncatedBase64 = 2,

    /// <summary>Binary content that went through a text conversion: EF BF BD replaces bytes for ever.</summary>
    Utf8Damaged = 4,

    /// <summary>A ZIP whose directory is missing or cut off.</summary>
    CorruptZip = 8,

    /// <summary>A PDF without its end.</summary>
    TruncatedPdf = 16,
}

/// <summary>What is known of one attachment without keeping its content.</summary>
public sealed record AttachmentFacts
{
    public string? ContentId { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }

    /// <summary>As the attachment itself declares; never to be trusted, see <see cref="Kind"/>.</summary>
    public string? DeclaredType { get; init; }
    public ContentKind Kind { get; init; }

    /// <summary>True inside AttachmentEncoded, where receivers look.</summary>
    public bool InPlace { get; init; }

    /// <summary>False when the attachment has no data element at all.</summary>
    public bool HasData { get; init; }

    /// <summary>Bytes of the decoded content, computed from the base64 text.</summary>
    public long Size { get; init; }

    /// <summary>SHA-256 of the decoded content; empty unless asked for with <see cref="AttachmentDetail.Full"/>.</summary>
    public ReadOnlyMemory<byte> Sha256 { get; init; }
    public AttachmentDamage Damage { get; init; }

    /// <summary>Offset of the first byte of the base64 text; -1 without data.</summary>
    public long DataStart { get; init; } = -1;

    /// <summary>Offset after the last byte of the base64 text; -1 without data.</summary>
    public long DataEnd { get; init; } = -1;
    public int Line { get; init; }
    public int Column { get; init; }
}
