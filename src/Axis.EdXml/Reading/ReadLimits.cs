using Axis.EdXml.Xml;

namespace Axis.EdXml;

/// <summary>How far attachments are looked into while reading.</summary>
public enum AttachmentDetail
{
    /// <summary>Sizes, base64 damage and the kind by the first bytes. Costs next to nothing.</summary>
    Sniff,

    /// <summary>Decodes everything: SHA-256 of the content and damage inside it.</summary>
    Full,
}

/// <summary>What a reader accepts before it stops. Every limit is reported as a finding with its number.</summary>
public sealed record ReadLimits
{
    public static ReadLimits Default { get; } = new();

    /// <summary>Bytes of a package. Default 100 MiB: 50 MB of content in base64, and room for the rest.</summary>
    public long MaxBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>Nesting of elements.</summary>
    public int MaxDepth { get; init; } = 64;

    public int MaxAttachments { get; init; } = 1_000;

    /// <summary>To elements.</summary>
    public int MaxRecipients { get; init; } = 2_000;

    /// <summary>Bytes of one header value.</summary>
    public int MaxValueBytes { get; init; } = 64 * 1024;

    /// <summary>Bytes outside attachment data: header, manifest, markup, signature.</summary>
    public int MaxHeaderBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Elements outside attachments.</summary>
    public int MaxHeaderElements { get; init; } = 50_000;

    /// <summary>Bytes of one tag with its attributes.</summary>
    public int MaxTagBytes { get; init; } = 16 * 1024;

    /// <summary>Attributes of one element, namespace declarations included.</summary>
    public int MaxAttributes { get; init; } = 64;

    public AttachmentDetail AttachmentDetail { get; init; }

    internal XmlLimits ToXmlLimits() =>
        new()
        {
            MaxDepth = MaxDepth,
            MaxTagBytes = MaxTagBytes,
            MaxAttributes = MaxAttributes,
        };
}
