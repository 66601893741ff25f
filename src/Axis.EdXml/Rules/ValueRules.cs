namespace Axis.EdXml;

/// <summary>What every value must look like by its kind: length, number, date, identifier.</summary>
internal static class ValueRules
{
    private const string IdentifierForm = "H41.05.12, 000.00.05.H41, ≤ 35 [0-9A-Z.]";

    internal static void Check(PackageTree tree, FindingList findings)
    {
        for (var i = 1; i < tree.Count; i++)
        {
            var (spec, text) = (tree[i].Spec, tree[i].Text);
            if (spec is null || !spec.IsLeaf)
                continue;
            if (text is null)
            {
                if (MustSaySomething(spec))
                    findings.Add(Rules.EmptyValue, tree, i);
                continue;
            }
            if (text == "null")
            {
                findings.Add(Rules.LiteralNull, tree, i, text);
                continue;
            }
            // An identifier that is too long is malformed, and said to be so once.
            if (
                spec.MaxLength > 0
                && text.Length > spec.MaxLength
                && spec.Kind == ValueKind.Text
                && spec.Name != "StatusCode"
            )
                findings.Add(Rules.LongerThanStandard, tree, i, text, spec.MaxLength.ToString());
            CheckKind(tree, i, spec, text, findings);
        }
    }

    private static void CheckKind(
        PackageTree tree,
        int node,
        ElementSpec spec,
        string text,
        FindingList findings
    )
    {
        switch (spec.Kind)
        {
            case ValueKind.Identifier:
                CheckIdentifier(tree, node, text, findings);
                break;
            case ValueKind.Number when !IsInteger(text):
                findings.Add(Rules.NotANumber, tree, node, text);
                break;
            case ValueKind.Number
                when spec.Name is "Paper" or "DocumentInfo" or "DocumentReceiver"
                    && text is not ("0" or "1"):
                findings.Add(Rules.NotAFlag, tree, node, text, "0, 1");
                break;
            case ValueKind.Date:
                var date = EdValues.Date(text);
                CheckForm(tree, node, text, date.Form, "yyyy/MM/dd", findings);
                break;
            case ValueKind.Timestamp:
                var time = EdValues.Timestamp(text);
                CheckForm(tree, node, text, time.Form, "yyyy/MM/dd HH:mm:ss", findings);
                break;
            case ValueKind.Text
                when spec.Name == "Direction" && text is not ("true" or "false" or "0" or "1"):
                findings.Add(Rules.NotAFlag, tree, node, text, "true, false");
                break;
            case ValueKind.Text when spec.Name == "DocumentId" && HasImpossibleDate(text):
                findings.Add(Rules.ImpossibleDateInDocumentId, tree, node, text);
                break;
        }
    }

    /// <summary>Free text may be empty; a number, a date, an id or a flag may not.</summary>
    private static bool MustSaySomething(ElementSpec spec) =>
        spec.Kind is not (ValueKind.Text or ValueKind.Data)
        || spec.Name is "DocumentId" or "Direction";

    /// <summary>Of any size: 20 digits are a number too, though no reader has use for it.</summary>
    private static bool IsInteger(string text)
    {
        var digits = text.AsSpan(text[0] is '+' or '-' ? 1 : 0);
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>Only the sender and the recipients decide where a package goes; a bad code elsewhere harms nobody's routing.</summary>
    private static void CheckIdentifier(
        PackageTree tree,
        int node,
        string text,
        FindingList findings
    )
    {
        if (AgencyCode.TryParse(text, out var code))
        {
            if (!code.IsRegular)
                findings.Add(Rules.IrregularIdentifier, tree, node, text);
            return;
        }
        var routes = IsRouting(tree, tree[node].Parent);
        findings.Add(
            routes ? Rules.MalformedIdentifier : Rules.MalformedSideIdentifier,
            tree,
            node,
            text,
            IdentifierForm
        );
    }

    private static bool IsRouting(PackageTree tree, int parent) =>
        tree[parent].Name is "From" or "To"
        || (
            tree[parent].Name == "ResponseFor" && tree.Find(tree[parent].Parent, "StatusCode") >= 0
        );

    private static void CheckForm(
        PackageTree tree,
        int node,
        string text,
        DateForm form,
        string expected,
        FindingList findings
    )
    {
        if (form == DateForm.Unreadable)
            findings.Add(Rules.UnreadableDate, tree, node, text, expected);
        else if (form != DateForm.Standard || text.Length != expected.Length)
            findings.Add(Rules.DateForm, tree, node, text, expected);
    }

    /// <summary>Ids of the form agency,date,number/notation carry the date of issue; 2014/02/30 was seen.</summary>
    private static bool HasImpossibleDate(string id)
    {
        var parts = id.Split(',');
        return parts.Length == 3
            && parts[1].Length == 10
            && parts[1].Count(char.IsAsciiDigit) == 8
            && EdValues.Date(parts[1]).Form == DateForm.Unreadable;
    }
}
