namespace Axis.EdXml;

/// <summary>A document package to be written.</summary>
public sealed record DocumentDraft
{
    /// <summary>Its <see cref="DocumentHeader.Manifest"/> and <see cref="DocumentHeader.Unknown"/> are not written: the manifest follows the attachments.</summary>
    public required DocumentHeader Header { get; init; }
    public IReadOnlyList<AttachmentDraft> Attachments { get; init; } = [];
}

/// <summary>A file to be attached. The writer writes its manifest reference too.</summary>
public sealed record AttachmentDraft
{
    /// <summary>Unique in the package, with cid: in front.</summary>
    public required string ContentId { get; init; }
    public required string Name { get; init; }
    public required string ContentType { get; init; }
    public string? Description { get; init; }

    /// <summary>Opens the content; it is read once and disposed by the writer.</summary>
    public required Func<Stream> Open { get; init; }
}

/// <summary>A status package to be written.</summary>
public sealed record StatusDraft
{
    public required StatusHeader Header { get; init; }
}
