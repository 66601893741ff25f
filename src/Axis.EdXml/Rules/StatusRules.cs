namespace Axis.EdXml;

/// <summary>Rules over a status package.</summary>
internal static class StatusRules
{
    /// <summary>Every code seen in any source; 07–12 and 14 are not in use.</summary>
    internal static readonly string[] Codes =
    [
        "01",
        "02",
        "03",
        "04",
        "05",
        "06",
        "13",
        "15",
        "16",
    ];

    internal static void Check(
        StatusHeader status,
        PackageTree tree,
        int header,
        FindingList findings
    )
    {
        var code = tree.Find(header, "StatusCode");
        if (status.StatusCode is { } value)
        {
            if (!Codes.Contains(value))
                findings.Add(
                    Rules.BadStatusCode,
                    tree,
                    code,
                    status.StatusCodeText,
                    string.Join(", ", Codes)
                );
            else if (value != status.StatusCodeText)
                findings.Add(Rules.ShortStatusCode, tree, code, status.StatusCodeText, value);
            if (value is "02" or "13" or "16" && status.Description is null)
                findings.Add(Rules.RefusalWithoutReason, tree, code, value);
        }
        if (status.ResponseFor.DocumentId is null && status.ResponseFor.Code is null)
        {
            var target = tree.Find(header, "ResponseFor");
            findings.Add(Rules.StatusWithoutTarget, tree, target < 0 ? header : target);
        }
    }
}
