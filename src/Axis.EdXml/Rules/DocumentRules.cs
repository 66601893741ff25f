namespace Axis.EdXml;

/// <summary>Rules over the header of a letter.</summary>
internal static class DocumentRules
{
    internal static void Check(
        DocumentHeader document,
        PackageTree tree,
        int header,
        DateOnly today,
        FindingList findings
    )
    {
        CheckNumber(document, tree, header, findings);
        CheckType(document, tree, header, findings);
        CheckDates(document, tree, header, today, findings);
        CheckRecipients(tree, header, findings);
        CheckPriority(document, tree, header, findings);
        var trace = tree.Find(tree[header].Parent, "TraceHeaderList");
        CheckTrace(tree, trace, findings);
        if (document.Business.Present)
            CheckBusiness(document.Business, tree, tree.Find(trace, "Bussiness"), findings);
        foreach (var child in tree.Children(header))
        {
            if (tree[child].Spec?.Name == "ResponseFor" && !SaysSomething(tree, child))
                findings.Add(Rules.EmptyResponseFor, tree, child);
        }
    }

    internal static bool SaysSomething(PackageTree tree, int node)
    {
        foreach (var child in tree.Children(node))
        {
            if (PackageTree.Meaning(tree[child].Text) is not null)
                return true;
        }
        return false;
    }

    private static void CheckNumber(
        DocumentHeader document,
        PackageTree tree,
        int header,
        FindingList findings
    )
    {
        if (document.CodeNumber is { } number && !number.All(char.IsAsciiDigit))
            findings.Add(
                Rules.CodeNumberWithLetters,
                tree,
                tree.Find(header, "Code", "CodeNumber"),
                number
            );
    }

    private static void CheckType(
        DocumentHeader document,
        PackageTree tree,
        int header,
        FindingList findings
    )
    {
        if (document.DocumentType.Type is { Value: { } type } && type is not (1 or 2))
            findings.Add(
                Rules.UnknownDocumentType,
                tree,
                tree.Find(header, "DocumentType", "Type"),
                type.ToString(),
                "1, 2"
            );
    }

    private static void CheckDates(
        DocumentHeader document,
        PackageTree tree,
        int header,
        DateOnly today,
        FindingList findings
    )
    {
        if (document.PromulgationDate?.Date is not { } issued)
            return;
        if (issued > today)
            findings.Add(
                Rules.DateInFuture,
                tree,
                tree.Find(header, "PromulgationInfo", "PromulgationDate"),
                Show(issued),
                Show(today)
            );
        if (document.DueDate?.Date is { } due && due < issued)
            findings.Add(
                Rules.DueBeforeIssue,
                tree,
                tree.Find(header, "DueDate"),
                Show(due),
                Show(issued)
            );
    }

    private static string Show(DateOnly date) => EdDate.Of(date).Text;

    private static void CheckRecipients(PackageTree tree, int header, FindingList findings)
    {
        var seen = new HashSet<string>();
        foreach (var child in tree.Children(header))
        {
            if (tree[child].Spec?.Name != "To" || tree.Value(child, "OrganId") is not { } id)
                continue;
            var node = tree.Find(child, "OrganId");
            if (!seen.Add(id))
                findings.Add(Rules.RepeatedRecipient, tree, node, id);
            if (AgencyCode.TryParse(id, out var code) && code.Form == AgencyCodeForm.Axis)
                findings.Add(Rules.NodeAsRecipient, tree, node, id);
            if (tree.Value(child, "OrganizationInCharge") == "TLTVBQG_CDMDD_QD20")
                findings.Add(Rules.InsertedOldCode, tree, node, id);
        }
    }

    private static void CheckPriority(
        DocumentHeader document,
        PackageTree tree,
        int header,
        FindingList findings
    )
    {
        if (
            document.OtherInfo.PriorityText is { } priority
            && priority.Value is not (>= 0 and <= 4)
        )
            findings.Add(
                Rules.PriorityOutOfRange,
                tree,
                tree.Find(header, "OtherInfo", "Priority"),
                priority.Text,
                "0–4"
            );
    }

    private static void CheckTrace(PackageTree tree, int trace, FindingList findings)
    {
        foreach (var child in tree.Children(trace))
        {
            if (tree[child].Spec?.Name == "TraceHeader" && tree.Value(child, "OrganId") is null)
                findings.Add(Rules.HopWithoutOrgan, tree, child);
        }
    }

    private static void CheckBusiness(
        Business business,
        PackageTree tree,
        int node,
        FindingList findings
    )
    {
        if (business.TypeText is { } text && text.Value is not (>= 0 and <= 3))
            findings.Add(
                Rules.UnknownBusinessType,
                tree,
                tree.Find(node, "BussinessDocType"),
                text.Text,
                "0, 1, 2, 3"
            );
        if (business.Type == BusinessType.New)
            return;
        if (business.Reason is null)
            findings.Add(Rules.BusinessWithoutReason, tree, node);
        if (business.Type == BusinessType.Update && business.DocumentId is null)
            findings.Add(Rules.BusinessWithoutTarget, tree, node, null, "Bussiness/DocumentId");
        if (
            business.Type == BusinessType.Replace
            && business.DocumentId is null
            && business.Replacements.All(r => r.DocumentId is null)
        )
            findings.Add(
                Rules.BusinessWithoutTarget,
                tree,
                node,
                null,
                "ReplacementInfo/DocumentId"
            );
        foreach (
            var receiver in tree.Children(tree.Find(node, "BussinessDocumentInfo", "ReceiverList"))
        )
        {
            if (tree.Value(receiver, "ReceiverType") is not ("0" or "1"))
                findings.Add(
                    Rules.UnknownReceiverType,
                    tree,
                    tree.Find(receiver, "ReceiverType") is >= 0 and var t ? t : receiver,
                    tree.Value(receiver, "ReceiverType"),
                    "0, 1"
                );
        }
    }
}
