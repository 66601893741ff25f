namespace Axis.EdXml;

/// <summary>Elements that must be there and say something.</summary>
internal static class MandatoryRules
{
    private static readonly string[][] DocumentNeeds =
    [
        ["From", "OrganId"],
        ["DocumentId"],
        ["Code", "CodeNumber"],
        ["Code", "CodeNotation"],
        ["Subject"],
    ];

    private static readonly string[][] StandardDocumentNeeds =
    [
        ["From", "OrganName"],
        ["PromulgationInfo", "Place"],
        ["PromulgationInfo", "PromulgationDate"],
        ["DocumentType", "Type"],
        ["DocumentType", "TypeName"],
        ["SignerInfo", "FullName"],
    ];

    private static readonly string[][] StatusNeeds =
    [
        ["From", "OrganId"],
        ["ResponseFor", "OrganId"],
        ["StatusCode"],
    ];

    private static readonly string[][] StandardStatusNeeds =
    [
        ["From", "OrganName"],
        ["ResponseFor", "DocumentId"],
        ["Timestamp"],
    ];

    internal static void Check(
        PackageReading reading,
        PackageTree tree,
        int header,
        FindingList findings
    )
    {
        if (reading.Kind == PackageKind.Status)
        {
            Demand(Rules.MissingElement, StatusNeeds, tree, header, findings);
            Demand(Rules.MissingByStandard, StandardStatusNeeds, tree, header, findings);
        }
        else if (reading.Kind == PackageKind.Document)
        {
            Demand(Rules.MissingElement, DocumentNeeds, tree, header, findings);
            Demand(Rules.MissingByStandard, StandardDocumentNeeds, tree, header, findings);
            CheckRecipients(tree, header, findings);
            CheckRepeated(tree, header, findings);
            if (reading.Document!.Trace.Count == 0)
                findings.AddMissing(
                    Rules.MissingByStandard,
                    tree,
                    tree[header].Parent,
                    "TraceHeaderList/TraceHeader"
                );
        }
    }

    private static void CheckRecipients(PackageTree tree, int header, FindingList findings)
    {
        var any = false;
        foreach (var child in tree.Children(header))
        {
            if (tree[child].Spec?.Name != "To")
                continue;
            any = true;
            if (tree.Value(child, "OrganId") is null)
                findings.AddMissing(Rules.MissingElement, tree, child, "OrganId");
            if (tree.Value(child, "OrganName") is null)
                findings.AddMissing(Rules.MissingByStandard, tree, child, "OrganName");
        }
        if (!any)
            findings.AddMissing(Rules.MissingElement, tree, header, "To");
    }

    /// <summary>Groups that may be absent or repeat, but say something where they stand.</summary>
    private static void CheckRepeated(PackageTree tree, int header, FindingList findings)
    {
        foreach (var child in tree.Children(header))
        {
            // An empty ResponseFor has a rule of its own.
            if (tree[child].Spec?.Name == "ResponseFor" && DocumentRules.SaysSomething(tree, child))
                Demand(
                    Rules.MissingByStandard,
                    [
                        ["OrganId"],
                        ["DocumentId"],
                    ],
                    tree,
                    child,
                    findings
                );
        }
        foreach (var child in tree.Children(tree.Find(tree[header].Parent, "TraceHeaderList")))
        {
            if (tree[child].Spec?.Name == "TraceHeader")
                Demand(
                    Rules.MissingByStandard,
                    [
                        ["Timestamp"],
                    ],
                    tree,
                    child,
                    findings
                );
            else if (tree[child].Spec?.Name == "Bussiness")
                Demand(
                    Rules.MissingByStandard,
                    [
                        ["BussinessDocType"],
                    ],
                    tree,
                    child,
                    findings
                );
        }
    }

    private static void Demand(
        Rule rule,
        string[][] needs,
        PackageTree tree,
        int header,
        FindingList findings
    )
    {
        if (!findings.Wants(rule))
            return;
        foreach (var path in needs)
        {
            var node = header;
            for (var i = 0; i < path.Length; i++)
            {
                var next = tree.Find(node, path[i]);
                if (
                    next < 0
                    || (i == path.Length - 1 && PackageTree.Meaning(tree[next].Text) is null)
                )
                {
                    findings.AddMissing(rule, tree, node, string.Join('/', path[i..]));
                    break;
                }
                node = next;
            }
        }
    }
}
