using System.Buffers;
using System.Buffers.Text;

namespace Axis.EdXml;

/// <summary>
/// Writes packages in the form every receiver reads: edXML root, prefixed envelope, attachments outside it, no
/// signature. The same draft gives the same bytes. Texts are written as they are; blanks around them are lost on reading.
/// </summary>
public static class PackageWriter
{
    private const string Declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    private const string Namespace = KnownNamespaces.Standard;

    /// <summary>Bytes read at once; a multiple of three, so that base64 needs no padding before the end.</summary>
    private const int BlockBytes = 48 * 1024;

    /// <summary>Writes a document package; attachments stream from their files.</summary>
    /// <exception cref="ArgumentException">A value cannot be carried by XML, or two attachments have the same ContentId. Nothing is written then.</exception>
    public static async Task WriteAsync(
        DocumentDraft draft,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(output);
        if (
            draft.Attachments.Select(a => a.ContentId).Distinct().Count() != draft.Attachments.Count
        )
            throw new ArgumentException("Two attachments have the same ContentId.", nameof(draft));

        var w = new ElementWriter();
        OpenEnvelope(w);
        HeaderWriter.Document(w, draft.Header);
        w.Close("edXML:edXMLHeader");
        w.Open("edXML:edXMLBody");
        WriteManifest(w, draft.Attachments);
        w.Close("edXML:edXMLBody");
        w.Close("edXML:edXMLEnvelope");
        if (draft.Attachments.Count > 0)
        {
            w.Open("AttachmentEncoded");
            foreach (var attachment in draft.Attachments)
            {
                w.Open("Attachment");
                WriteFacts(w, "", attachment);
                w.Indent();
                w.Raw($"<edXML:ContentTransferEncoded xmlns:edXML=\"{Namespace}\">");
                await FlushAsync(w, output, cancellationToken);
                await WriteContentAsync(attachment, output, cancellationToken);
                w.Raw("</edXML:ContentTransferEncoded>\n");
                w.Close("Attachment");
            }
            w.Close("AttachmentEncoded");
        }
        w.Close("edXML");
        await FlushAsync(w, output, cancellationToken);
    }

    /// <summary>Writes a status package.</summary>
    /// <exception cref="ArgumentException">A value cannot be carried by XML. Nothing is written then.</exception>
    public static async Task WriteAsync(
        StatusDraft draft,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(output);
        var w = new ElementWriter();
        OpenEnvelope(w);
        HeaderWriter.Status(w, draft.Header);
        w.Close("edXML:edXMLHeader");
        w.Close("edXML:edXMLEnvelope");
        w.Close("edXML");
        await FlushAsync(w, output, cancellationToken);
    }

    private static void OpenEnvelope(ElementWriter w)
    {
        w.Raw(Declaration);
        w.Open($"edXML xmlns=\"{Namespace}\"");
        w.Open($"edXML:edXMLEnvelope xmlns:edXML=\"{Namespace}\"");
        w.Open("edXML:edXMLHeader");
    }

    private static void WriteManifest(ElementWriter w, IReadOnlyList<AttachmentDraft> attachments)
    {
        w.Open("edXML:edXMLManifest version=\"1.0\"");
        foreach (var attachment in attachments)
        {
            w.Open("edXML:Reference");
            WriteFacts(w, "edXML:", attachment);
            w.Close("edXML:Reference");
        }
        w.Close("edXML:edXMLManifest");
    }

    private static void WriteFacts(ElementWriter w, string prefix, AttachmentDraft attachment)
    {
        w.Leaf(prefix + "ContentId", attachment.ContentId);
        w.Leaf(prefix + "ContentType", attachment.ContentType);
        w.Leaf(prefix + "Description", attachment.Description);
        w.Leaf(prefix + "AttachmentName", attachment.Name);
    }

    private static async Task FlushAsync(
        ElementWriter w,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        await output.WriteAsync(w.Written, cancellationToken);
        w.Clear();
    }

    private static async Task WriteContentAsync(
        AttachmentDraft attachment,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        var content = ArrayPool<byte>.Shared.Rent(BlockBytes);
        var encoded = ArrayPool<byte>.Shared.Rent(Base64.GetMaxEncodedToUtf8Length(BlockBytes));
        try
        {
            await using var input = attachment.Open();
            int read;
            do
            {
                read = await input.ReadAtLeastAsync(
                    content.AsMemory(0, BlockBytes),
                    BlockBytes,
                    throwOnEndOfStream: false,
                    cancellationToken
                );
                Base64.EncodeToUtf8(content.AsSpan(0, read), encoded, out _, out var written);
                await output.WriteAsync(encoded.AsMemory(0, written), cancellationToken);
            } while (read == BlockBytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }
}
