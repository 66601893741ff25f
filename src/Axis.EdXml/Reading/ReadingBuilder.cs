using Axis.EdXml.Xml;

namespace Axis.EdXml;

/// <summary>Makes the reading out of what a pass has collected.</summary>
internal static class ReadingBuilder
{
    internal static PackageReading Build(
        PackageCapture capture,
        XmlError error,
        ReadLimits limits,
        bool tooLarge,
        byte[] digest,
        long length
    )
    {
        var tree = capture.Tree;
        tree.Seal(capture.Current);
        var findings = new List<Finding>(capture.Noted.Count);
        foreach (var (rule, node, value, expected) in capture.Noted)
            findings.Add(Finding.At(rule, tree, node, value, expected));
        if (tooLarge)
            findings.Add(
                new Finding(
                    Rules.PackageTooLarge,
                    "",
                    length.ToString(),
                    limits.MaxBytes.ToString(),
                    0,
                    0
                )
            );
        if (error.Kind != XmlErrorKind.None)
            findings.Add(XmlFindings.From(error, tree.PathOf(capture.Current), limits));

        var top = Sections(tree, out var frame);
        var header = top.Header;
        var kind =
            capture.Form == EnvelopeForm.Unknown && frame < 0
                ? null
                : HeaderBuilder.KindOf(tree, header);
        var builder = new HeaderBuilder(tree, findings);
        return new PackageReading
        {
            Kind = kind,
            Form = capture.Form,
            Document =
                kind == PackageKind.Document
                    ? builder.Document(header, top.Trace, top.Manifest)
                    : null,
            Status = kind == PackageKind.Status ? builder.Status(header) : null,
            Attachments = Attachments(tree, capture),
            Findings = findings,
            Sha256 = digest,
            Length = length,
            IsComplete = error.Kind == XmlErrorKind.None && !tooLarge && !capture.Stopped,
            Signature = new EnvelopeSignatureFacts
            {
                Count = capture.SignatureCount,
                Start = capture.SignatureStart,
                End = capture.SignatureEnd,
                InHeader = capture.SignatureInHeader,
                HeaderEnd = capture.HeaderEnd,
            },
            HopPlace =
                capture.TraceEnd < 0 ? null : new HopPlace(capture.TraceEnd, capture.TracePrefix),
            Tree = tree,
            Namespaces = capture.Namespaces,
        };
    }

    internal static (int Header, int Trace, int Manifest) Sections(PackageTree tree, out int frame)
    {
        frame = -1;
        foreach (var root in tree.Children(0))
        {
            if (tree[root].Spec is not null)
                frame = root;
        }
        if (frame < 0)
            return (-1, -1, -1);
        var envelope = tree[frame].Name == "edXML" ? tree.Find(frame, "edXMLEnvelope") : frame;
        var head = tree.Find(envelope, "edXMLHeader");
        if (head < 0)
            head = tree.Find(envelope, "Header");
        if (head < 0)
            head = envelope;
        var body = tree.Find(envelope, "edXMLBody");
        if (body < 0)
            body = tree.Find(envelope, "Body");
        var manifest = tree.Find(body < 0 ? envelope : body, "edXMLManifest");
        if (manifest < 0)
            manifest = tree.Find(body < 0 ? envelope : body, "Manifest");
        return (tree.Find(head, "MessageHeader"), tree.Find(head, "TraceHeaderList"), manifest);
    }

    private static List<AttachmentFacts> Attachments(PackageTree tree, PackageCapture capture)
    {
        var attachments = new List<AttachmentFacts>();
        var next = 0;
        for (var i = 1; i < tree.Count; i++)
        {
            if (tree[i].Spec is not { Name: "Attachment" })
                continue;
            // Data is recorded in document order; the first data element of an attachment counts.
            AttachmentData? data = null;
            while (next < capture.Data.Count && capture.Data[next].Node < tree[i].End)
            {
                data ??= capture.Data[next].Data;
                next++;
            }
            attachments.Add(Attachment(tree, i, data));
        }
        return attachments;
    }

    private static AttachmentFacts Attachment(PackageTree tree, int node, AttachmentData? data) =>
        new()
        {
            ContentId = tree.Value(node, "ContentId"),
            Name = tree.Value(node, "AttachmentName") ?? tree.Value(node, "FileName"),
            Description = tree.Value(node, "Description"),
            DeclaredType =
                tree.Value(node, "ContentType")
                ?? tree.Value(node, "MimeType")
                ?? tree.Value(node, "AttachmentType")
                ?? tree.Value(node, "FileType"),
            InPlace = tree[tree[node].Parent].Name == "AttachmentEncoded",
            Kind = data?.Kind ?? ContentKind.Unknown,
            HasData = data is not null,
            Size = data?.Size ?? 0,
            Sha256 = data?.Sha256,
            Damage = data?.Damage ?? AttachmentDamage.None,
            DataStart = data?.Start ?? -1,
            DataEnd = data?.End ?? -1,
            Line = tree[node].Line,
            Column = tree[node].Column,
        };
}
