namespace Axis.EdXml;

/// <summary>Forms of packages, repeated, unknown and misspelt elements, signatures.</summary>
internal static class StructureRules
{
    internal static void Check(PackageReading reading, PackageTree tree, FindingList findings)
    {
        switch (reading.Form)
        {
            case EnvelopeForm.Soap2803:
            case EnvelopeForm.FlatGoVn:
                findings.Add(Rules.NonStandardForm, tree, 1, reading.Form.ToString());
                break;
            case EnvelopeForm.Unprefixed:
                findings.Add(Rules.UnprefixedEnvelope, tree, tree.Find(1, "edXMLEnvelope"));
                break;
        }
        if (reading.Form is EnvelopeForm.Standard or EnvelopeForm.Unprefixed)
        {
            var odd =
                reading.Namespaces & ~(NamespaceVariants.Standard | NamespaceVariants.Foreign);
            if (odd != NamespaceVariants.Empty)
                findings.Add(
                    Rules.NamespaceVariant,
                    tree,
                    1,
                    Describe(odd),
                    KnownNamespaces.Standard
                );
        }
        for (var i = 1; i < tree.Count; i++)
        {
            if (findings.HasTooManyErrors)
                break;
            ref var node = ref tree[i];
            if (node.Spec is not { } spec)
                CheckUnknown(tree, i, findings);
            else if (!spec.Repeats && IsRepeated(tree, i))
                findings.Add(Rules.RepeatedElement, tree, i, node.Text);
            if (node.Spec is { Name: "edXMLAttachments" })
                findings.Add(Rules.WrongAttachmentsElement, tree, i, null, "AttachmentEncoded");
            if (
                node.Spec is { Name: "AttachmentEncoded" }
                && tree[node.Parent].Name == "edXMLEnvelope"
            )
                findings.Add(Rules.AttachmentInsideEnvelope, tree, i);
        }
        if (reading.Signature.Count > 1)
            findings.Add(Rules.SeveralSignatures, tree, 0, reading.Signature.Count.ToString());
        if (reading.Signature is { Present: true, InHeader: false })
            findings.Add(Rules.SignatureOutsideHeader, tree, 0);
        if (reading.IsComplete && reading.Kind is null && reading.Form != EnvelopeForm.Unknown)
            findings.Add(Rules.MissingMessageHeader, tree, 1);
    }

    private static string Describe(NamespaceVariants odd) =>
        odd.HasFlag(NamespaceVariants.Colon) ? "http://www.mic.gov.vn/TBT/QCVN_102:2016"
        : odd.HasFlag(NamespaceVariants.EDoc) ? "http://www.e-doc.vn/Schema/"
        : odd.HasFlag(NamespaceVariants.GoVn) ? "http://www.go.vn/eDoc"
        : "xmlns=\"\"";

    private static void CheckUnknown(PackageTree tree, int node, FindingList findings)
    {
        var parent = tree[node].Parent;
        // Inside an unknown element everything is unknown; its first element has said so.
        if (tree[parent].Spec is not { } above || parent == 0)
            return;
        if (above.Misspelt(tree[node].Name) is { } meant)
            findings.Add(Rules.MisspeltElement, tree, node, tree[node].Text, meant.Name);
        else
            findings.Add(Rules.UnknownElement, tree, node, tree[node].Text);
    }

    /// <summary>True for the second and later elements of one name under one parent.</summary>
    private static bool IsRepeated(PackageTree tree, int node)
    {
        foreach (var sibling in tree.Children(tree[node].Parent))
        {
            if (sibling == node)
                return false;
            if (ReferenceEquals(tree[sibling].Key, tree[node].Key))
                return true;
        }
        return false;
    }
}
