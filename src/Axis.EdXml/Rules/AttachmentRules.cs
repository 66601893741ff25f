using System.Text;

namespace Axis.EdXml;

/// <summary>Attachments, their manifest, and damage.</summary>
internal static class AttachmentRules
{
    /// <summary>Longest file name of common file systems, in bytes.</summary>
    private const int MaxNameBytes = 255;

    internal static void Check(PackageReading reading, PackageTree tree, FindingList findings)
    {
        // In the SOAP form attachments travel as MIME parts; there is nothing here to match.
        if (reading.Form == EnvelopeForm.Soap2803)
            return;
        var nodes = Nodes(tree, "Attachment");
        for (var i = 0; i < reading.Attachments.Count; i++)
            CheckOne(reading.Attachments[i], tree, nodes[i], findings);
        if (reading.Document is { } document && reading.Form != EnvelopeForm.FlatGoVn)
            CheckManifest(document, reading.Attachments, tree, nodes, findings);
    }

    private static List<int> Nodes(PackageTree tree, string name)
    {
        var nodes = new List<int>();
        for (var i = 1; i < tree.Count; i++)
        {
            if (tree[i].Spec?.Name == name)
                nodes.Add(i);
        }
        return nodes;
    }

    private static void CheckOne(
        AttachmentFacts attachment,
        PackageTree tree,
        int node,
        FindingList findings
    )
    {
        if (!attachment.HasData)
        {
            findings.Add(Rules.AttachmentWithoutData, tree, node, null, "ContentTransferEncoded");
            return;
        }
        if (attachment.Damage.HasFlag(AttachmentDamage.NotBase64))
            findings.Add(Rules.NotBase64, tree, node);
        else if (attachment.Kind == ContentKind.Empty)
            findings.Add(Rules.EmptyAttachment, tree, node);
        if (attachment.Damage.HasFlag(AttachmentDamage.TruncatedBase64))
            findings.Add(Rules.TruncatedBase64, tree, node);
        if (attachment.Damage.HasFlag(AttachmentDamage.Utf8Damaged))
            findings.Add(Rules.Utf8Damaged, tree, node);
        if (attachment.Damage.HasFlag(AttachmentDamage.CorruptZip))
            findings.Add(Rules.CorruptZip, tree, node);
        if (attachment.Damage.HasFlag(AttachmentDamage.TruncatedPdf))
            findings.Add(Rules.TruncatedPdf, tree, node);
        if (attachment.DeclaredType is { } declared && Contradicts(declared, attachment.Kind))
            findings.Add(
                Rules.DeclaredTypeDiffers,
                tree,
                node,
                declared,
                attachment.Kind.ToString()
            );
        if (attachment.Name is { } name)
        {
            if (name.AsSpan().IndexOfAny('/', '\\') >= 0 || name.Any(char.IsControl))
                findings.Add(Rules.UnsafeAttachmentName, tree, node, name);
            if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
                findings.Add(Rules.LongAttachmentName, tree, node, name, MaxNameBytes.ToString());
        }
    }

    private static bool Contradicts(string declared, ContentKind kind) =>
        kind switch
        {
            ContentKind.Pdf => !declared.Contains("pdf", StringComparison.OrdinalIgnoreCase),
            ContentKind.Zip => !declared.Contains("zip", StringComparison.OrdinalIgnoreCase),
            ContentKind.Unknown or ContentKind.Empty or ContentKind.Text or ContentKind.Xml =>
                declared.Contains("pdf", StringComparison.OrdinalIgnoreCase)
                    || declared.Contains("zip", StringComparison.OrdinalIgnoreCase),
            _ => declared.Contains("pdf", StringComparison.OrdinalIgnoreCase)
                || declared.StartsWith("text/", StringComparison.OrdinalIgnoreCase),
        };

    private static void CheckManifest(
        DocumentHeader document,
        IReadOnlyList<AttachmentFacts> attachments,
        PackageTree tree,
        List<int> nodes,
        FindingList findings
    )
    {
        if (attachments.Count > 0 && Nodes(tree, "edXMLManifest").Count == 0)
        {
            var body = Nodes(tree, "edXMLBody");
            findings.Add(
                Rules.MissingManifest,
                tree,
                body.Count > 0 ? body[0] : 1,
                null,
                "edXMLManifest"
            );
        }
        var references = Nodes(tree, "Reference");
        var byId = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < attachments.Count; i++)
        {
            if (Key(attachments[i].ContentId) is { } id && !byId.TryAdd(id, i))
                findings.Add(
                    Rules.RepeatedContentId,
                    tree,
                    tree.Find(nodes[i], "ContentId"),
                    attachments[i].ContentId
                );
        }
        var met = new HashSet<int>();
        for (var i = 0; i < document.Manifest.Count && i < references.Count; i++)
        {
            var reference = document.Manifest[i];
            var id = reference.ContentId ?? reference.Href;
            if (Key(id) is not { } key || !byId.TryGetValue(key, out var found))
            {
                findings.Add(
                    Rules.ReferenceWithoutAttachment,
                    tree,
                    references[i],
                    id ?? reference.AttachmentName
                );
                continue;
            }
            met.Add(found);
            if (attachments[found].ContentId != id)
                findings.Add(Rules.ContentIdForm, tree, references[i], id);
        }
        for (var i = 0; i < attachments.Count; i++)
        {
            if (attachments[i].InPlace && !met.Contains(i))
                findings.Add(
                    Rules.AttachmentWithoutReference,
                    tree,
                    nodes[i],
                    attachments[i].ContentId ?? attachments[i].Name
                );
        }
    }

    /// <summary>The id without cid:, which some producers write on one side only.</summary>
    private static string? Key(string? id) =>
        id is null ? null
        : id.StartsWith("cid:", StringComparison.OrdinalIgnoreCase) ? id[4..]
        : id;
}
