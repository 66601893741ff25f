using Axis.EdXml;
using Axis.Hub.Errors;

namespace Axis.Hub.Registry.Editing;

/// <summary>
/// An agency as a catalogue names it. A member that the file has no column for is left as it is; <c>Row</c> knows.
/// <c>Status</c> is active or locked, null when the file does not say or says that it is closed.
/// </summary>
public sealed record CatalogueEntry(
    SheetRow Row,
    string Code,
    IReadOnlyList<string> OtherCodes,
    string Name,
    AgencyReach? Reach,
    int? Level,
    bool IsClosed,
    AgencyStatus? Status
)
{
    public IEnumerable<string> Codes => OtherCodes.Prepend(Code);
}

/// <summary>
/// A catalogue of agencies: our own columns, and those of the lists of the national axis (<c>id, pid, code, name, mail,
/// oldCode</c>; <c>code102</c>; <c>version, centerCode, deleted, modifyDate, isAgency</c>).
/// </summary>
public static class CatalogueFile
{
    public static readonly IReadOnlyList<string> Columns =
    [
        "code",
        "oldCode",
        "otherCodes",
        "name",
        "inCharge",
        "parent",
        "kind",
        "reach",
        "status",
        "email",
        "level",
        "contactName",
        "contactMail",
        "contactPhone",
        "id",
        "pid",
        "mail",
        "code102",
        "version",
        "centerCode",
        "deleted",
        "modifyDate",
        "isAgency",
    ];

    private const int MaxName = 500;
    private const int MostErrors = 100;

    public static IReadOnlyList<CatalogueEntry> Read(
        byte[] bytes,
        bool isJson,
        List<ErrorItem> errors
    )
    {
        var rows = SheetReader.Read(bytes, isJson, Columns, errors);
        if (errors.Count == 0 && rows.Count is 0 or > SheetReader.MaxRows)
        {
            errors.Add(
                RegistryErrors.At(
                    RegistryErrors.BadFile,
                    null,
                    new(null, 1, 1),
                    $"1 to {SheetReader.MaxRows} agencies were expected.",
                    $"Cần 1 đến {SheetReader.MaxRows} cơ quan."
                )
            );
        }
        var entries = new List<CatalogueEntry>(rows.Count);
        var seen = new HashSet<string>(rows.Count * 2, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (errors.Count >= MostErrors)
            {
                break;
            }
            if (EntryOf(row, seen, errors) is { } entry)
            {
                entries.Add(entry);
            }
        }
        return entries;
    }

    private static CatalogueEntry? EntryOf(
        SheetRow row,
        HashSet<string> seen,
        List<ErrorItem> errors
    )
    {
        var before = errors.Count;
        var code = Code(row, "code", row.Text("code") ?? "", seen, errors);
        var others = new List<string>();
        foreach (var column in (string[])["oldCode", "code102", "otherCodes"])
        {
            foreach (
                var other in (row.Text(column) ?? "").Split(
                    ' ',
                    StringSplitOptions.RemoveEmptyEntries
                )
            )
            {
                // The national axis repeats a code as its own old one where there is no other.
                if (other != code && Code(row, column, other, seen, errors) is { } valid)
                {
                    others.Add(valid);
                }
            }
        }
        var name = row.Text("name");
        if (name is not { Length: <= MaxName })
        {
            errors.Add(Expected(row, "name", $"1–{MaxName}"));
        }
        var reach = OneOf(row, "reach", ["province", "national"], errors);
        var status = OneOf(row, "status", ["active", "locked", "closed"], errors);
        var deleted = OneOf(row, "deleted", ["true", "false"], errors);
        int? level = null;
        if (row.Text("level") is { } text)
        {
            if (int.TryParse(text, out var number) && number is >= 1 and <= 9)
            {
                level = number;
            }
            else
            {
                errors.Add(Expected(row, "level", "1–9"));
            }
        }
        foreach (var column in (string[])["email", "mail", "contactMail"])
        {
            if (row.Text(column) is { } mail && (!mail.Contains('@') || mail.Length > 320))
            {
                errors.Add(Expected(row, column, "a@b"));
            }
        }
        return errors.Count > before
            ? null
            : new CatalogueEntry(
                row,
                code!,
                others,
                name!,
                reach is null ? null
                    : reach == "province" ? AgencyReach.Province
                    : AgencyReach.National,
                level,
                deleted == "true" || status == "closed",
                status switch
                {
                    "active" => AgencyStatus.Active,
                    "locked" => AgencyStatus.Locked,
                    _ => null,
                }
            );
    }

    private static string? Code(
        SheetRow row,
        string column,
        string text,
        HashSet<string> seen,
        List<ErrorItem> errors
    )
    {
        if (!AgencyCode.TryParse(text, out var code))
        {
            errors.Add(Expected(row, column, "H41.05 | 000.00.05.H41"));
            return null;
        }
        if (!seen.Add(code.Value))
        {
            errors.Add(
                RegistryErrors.At(
                    RegistryErrors.BadFile,
                    column,
                    row.Place(column),
                    $"Code {code.Value} stands twice in this file.",
                    $"Mã {code.Value} xuất hiện hai lần trong tệp."
                )
            );
            return null;
        }
        return code.Value;
    }

    private static string? OneOf(
        SheetRow row,
        string column,
        string[] allowed,
        List<ErrorItem> errors
    )
    {
        var text = row.Text(column);
        if (text is not null && !allowed.Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add(Expected(row, column, string.Join(" | ", allowed)));
        }
        return text?.ToLowerInvariant();
    }

    internal static ErrorItem Expected(SheetRow row, string column, string expected) =>
        RegistryErrors.At(
            RegistryErrors.BadFile,
            column,
            row.Place(column),
            $"{column} \"{row.Text(column)}\": {expected} was expected.",
            $"{column} \"{row.Text(column)}\": cần {expected}."
        );
}
