namespace Axis.EdXml;

/// <summary>A document package to be written.</summary>
public sealed record DocumentDraft
{
    public required DocumentHeader Header { get; init; }
    public IReadOnlyList<AttachmentDraft> Attachments { get; init; } = [];
}

/// <summary>A file to be attached. Its manifest reference is written by the writer.</summary>
public sealed record AttachmentDraft
{
    /// <summary>With cid: in front; unique in the package.</summary>
    public required string ContentId { get; init; }
    public required string Name { get; init; }
    public required string ContentType { get; init; }
    public string? Description { get; init; }

    /// <summary>Opens the content; read once and disposed by the writer.</summary>
    public required Func<Stream> Open { get; init; }
}

/// <summary>A status package to be written.</summary>
public sealed record StatusDraft
{
    public required StatusHeader Header { get; init; }
}
