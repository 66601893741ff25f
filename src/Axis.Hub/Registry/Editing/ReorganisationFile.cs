using Axis.EdXml;
using Axis.Hub.Errors;

namespace Axis.Hub.Registry.Editing;

public enum ReorganisationAct
{
    /// <summary>A new agency with the code <c>agency</c> begins.</summary>
    Open,

    /// <summary><c>agency</c> closes, <c>target</c> takes its place.</summary>
    Merge,

    /// <summary><c>agency</c> closes and is divided; one row for each part.</summary>
    Split,

    /// <summary><c>agency</c> gets the code <c>target</c> in the place of its codes, or the name <c>name</c>, or both.</summary>
    Rename,

    /// <summary><c>agency</c> closes and nobody takes its place.</summary>
    Close,

    /// <summary><c>agency</c> comes under <c>parent</c>.</summary>
    Move,

    /// <summary><c>officeSystem</c> serves <c>agency</c> from then on.</summary>
    Serve,
}

public sealed record ReorganisationRow(
    SheetRow Row,
    ReorganisationAct Act,
    string Agency,
    string? Target,
    string? Name,
    string? Parent,
    string? Kind,
    string? OfficeSystem
);

/// <summary>Acts that take effect at one instant: <c>act,agency,target,name,parent,kind,officeSystem</c>.</summary>
public static class ReorganisationFile
{
    public static readonly IReadOnlyList<string> Columns =
    [
        "act",
        "agency",
        "target",
        "name",
        "parent",
        "kind",
        "officeSystem",
    ];

    private const int MostErrors = 100;

    public static IReadOnlyList<ReorganisationRow> Read(
        byte[] bytes,
        bool isJson,
        List<ErrorItem> errors
    )
    {
        var acts = new List<ReorganisationRow>();
        foreach (var row in SheetReader.Read(bytes, isJson, Columns, errors))
        {
            if (errors.Count >= MostErrors)
            {
                break;
            }
            var before = errors.Count;
            if (
                !Enum.TryParse<ReorganisationAct>(row.Text("act"), ignoreCase: true, out var act)
                || !Enum.IsDefined(act)
            )
            {
                errors.Add(
                    CatalogueFile.Expected(
                        row,
                        "act",
                        string.Join(
                            " | ",
                            Enum.GetValues<ReorganisationAct>().Select(RegistryNames.Of)
                        )
                    )
                );
                continue;
            }
            CheckCode(row, "agency", required: true, errors);
            CheckCode(
                row,
                "target",
                required: act is ReorganisationAct.Merge or ReorganisationAct.Split,
                errors
            );
            CheckCode(row, "parent", required: act == ReorganisationAct.Move, errors);
            if (act == ReorganisationAct.Open && row.Text("name") is null)
            {
                errors.Add(CatalogueFile.Expected(row, "name", "text"));
            }
            if (
                act == ReorganisationAct.Rename
                && row.Text("name") is null
                && row.Text("target") is null
            )
            {
                errors.Add(CatalogueFile.Expected(row, "target", "target | name"));
            }
            if (act == ReorganisationAct.Serve && row.Text("officeSystem") is null)
            {
                errors.Add(CatalogueFile.Expected(row, "officeSystem", "id"));
            }
            if (errors.Count == before)
            {
                acts.Add(
                    new(
                        row,
                        act,
                        row.Text("agency")!,
                        row.Text("target"),
                        row.Text("name"),
                        row.Text("parent"),
                        row.Text("kind"),
                        row.Text("officeSystem")
                    )
                );
            }
        }
        return acts;
    }

    private static void CheckCode(
        SheetRow row,
        string column,
        bool required,
        List<ErrorItem> errors
    )
    {
        var text = row.Text(column);
        if (text is null ? required : !AgencyCode.TryParse(text, out _))
        {
            errors.Add(CatalogueFile.Expected(row, column, "H41.05 | 000.00.05.H41"));
        }
    }
}
