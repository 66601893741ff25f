using System.Text.RegularExpressions;
using Axis.EdXml;

namespace Axis.Hub.Registry.Import;

public sealed record ProvinceAgency(
    string Code,
    string? OldCode,
    string Name,
    string? InCharge,
    string? Parent,
    string Kind,
    AgencyReach Reach,
    string? Email
);

public sealed record ProvinceOfficeSystem(
    string Id,
    string Name,
    Door InboxDoor,
    IReadOnlyList<string> Agencies
)
{
    /// <summary>Null: as it is, or false for a new one.</summary>
    public bool? CollectedIsArrival { get; init; }

    /// <summary>The same.</summary>
    public bool? AnnouncesArrivals { get; init; }
}

public sealed record ProvinceOperator(string Id, string Name, IReadOnlyList<string> Roles);

/// <summary>
/// A province as its CSV files describe it: <c>agencies.csv</c>, <c>office-systems.csv</c>,
/// <c>office-system-agencies.csv</c>, <c>operators.csv</c> and, where there is one, <c>signature-policies.csv</c>. What <see cref="Read"/> returns is consistent in itself.
/// </summary>
public sealed partial class ProvinceFiles
{
    private const string AgenciesFile = "agencies.csv";
    private const string OfficeSystemsFile = "office-systems.csv";
    private const string ServicesFile = "office-system-agencies.csv";
    private const string OperatorsFile = "operators.csv";

    private readonly List<ImportProblem> _problems = [];
    private readonly List<ProvinceAgency> _agencies = [];
    private readonly Dictionary<string, ProvinceAgency> _byCode = new(StringComparer.Ordinal);
    private readonly HashSet<string> _codes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _agenciesOf = new(StringComparer.Ordinal);
    private readonly List<ProvinceOfficeSystem> _officeSystems = [];
    private readonly List<ProvinceOperator> _operators = [];
    private IReadOnlyList<ProvincePolicy> _policies = [];

    private ProvinceFiles() { }

    public IReadOnlyList<ProvinceAgency> Agencies => _agencies;

    public IReadOnlyList<ProvinceOfficeSystem> OfficeSystems => _officeSystems;

    public IReadOnlyList<ProvinceOperator> Operators => _operators;

    public IReadOnlyList<ProvincePolicy> Policies => _policies;

    /// <exception cref="ImportException">Something is wrong; everything found is named.</exception>
    public static ProvinceFiles Read(string folder)
    {
        var province = new ProvinceFiles();
        province.ReadAgencies(folder);
        province.ReadOfficeSystems(folder);
        province.ReadServices(folder);
        province.ReadOperators(folder);
        province._policies = PolicyFile.Read(
            folder,
            province._byCode.Keys.ToHashSet(StringComparer.Ordinal),
            province._agenciesOf.Keys.ToHashSet(StringComparer.Ordinal),
            province._problems
        );
        return province._problems.Count == 0
            ? province
            : throw new ImportException(province._problems);
    }

    private void ReadAgencies(string folder)
    {
        var table = CsvTable.Read(
            folder,
            AgenciesFile,
            ["code", "oldCode", "name", "inCharge", "parent", "kind", "reach", "email"],
            _problems
        );
        foreach (var row in table.Rows)
        {
            var agency = new ProvinceAgency(
                NewCode(row["code"], required: true) ?? "",
                NewCode(row["oldCode"], required: false),
                Required(AgenciesFile, row["name"], "name"),
                Optional(row["inCharge"]),
                Optional(row["parent"]),
                Required(AgenciesFile, row["kind"], "kind"),
                OneOf(AgenciesFile, row["reach"], "reach", Enum.GetValues<AgencyReach>()),
                Email(row["email"])
            );
            _agencies.Add(agency);
            _byCode.TryAdd(agency.Code, agency);
        }
        foreach (var row in table.Rows)
        {
            CheckParent(row);
        }
    }

    private void CheckParent(CsvRow row)
    {
        if (Optional(row["parent"]) is not { } parent)
        {
            return;
        }
        if (!_byCode.ContainsKey(parent))
        {
            Add(
                AgenciesFile,
                row["parent"],
                $"parent \"{parent}\" is no code of column code",
                $"cơ quan cấp trên \"{parent}\" không có trong cột code"
            );
            return;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal) { row["code"].Text.Trim() };
        for (var code = parent; code is not null; code = _byCode.GetValueOrDefault(code)?.Parent)
        {
            if (!seen.Add(code))
            {
                Add(
                    AgenciesFile,
                    row["parent"],
                    $"parent \"{parent}\" leads round in a circle",
                    $"cơ quan cấp trên \"{parent}\" tạo thành vòng lặp"
                );
                return;
            }
        }
    }

    private void ReadOfficeSystems(string folder)
    {
        var table = CsvTable.Read(
            folder,
            OfficeSystemsFile,
            ["id", "name", "inboxDoor"],
            _problems,
            "collectedIsArrival",
            "announcesArrivals"
        );
        foreach (var row in table.Rows)
        {
            var id = NewId(OfficeSystemsFile, row["id"]);
            var agencies = _agenciesOf[id] = [];
            _officeSystems.Add(
                new(
                    id,
                    Required(OfficeSystemsFile, row["name"], "name"),
                    OneOf(OfficeSystemsFile, row["inboxDoor"], "inboxDoor", DoorNames.OfInboxes),
                    agencies
                )
                {
                    CollectedIsArrival = YesOrNo(
                        OfficeSystemsFile,
                        row.Find("collectedIsArrival"),
                        "collectedIsArrival"
                    ),
                    AnnouncesArrivals = YesOrNo(
                        OfficeSystemsFile,
                        row.Find("announcesArrivals"),
                        "announcesArrivals"
                    ),
                }
            );
        }
    }

    private void ReadServices(string folder)
    {
        var table = CsvTable.Read(folder, ServicesFile, ["officeSystem", "agency"], _problems);
        var served = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in table.Rows)
        {
            var (system, agency) = (row["officeSystem"].Text.Trim(), row["agency"].Text.Trim());
            if (!_agenciesOf.TryGetValue(system, out var agencies))
            {
                Add(
                    ServicesFile,
                    row["officeSystem"],
                    $"office system \"{system}\" is not in {OfficeSystemsFile}",
                    $"phần mềm \"{system}\" không có trong {OfficeSystemsFile}"
                );
            }
            if (!_byCode.TryGetValue(agency, out var known))
            {
                Add(
                    ServicesFile,
                    row["agency"],
                    $"agency \"{agency}\" is no code of column code of {AgenciesFile}",
                    $"cơ quan \"{agency}\" không có trong cột code của {AgenciesFile}"
                );
            }
            else if (known.Reach == AgencyReach.National)
            {
                Add(
                    ServicesFile,
                    row["agency"],
                    $"agency \"{agency}\" is reached over the national axis; no office system here serves it",
                    $"cơ quan \"{agency}\" nhận qua trục quốc gia, không thuộc phần mềm nào ở đây"
                );
            }
            else if (!served.Add(agency))
            {
                Add(
                    ServicesFile,
                    row["agency"],
                    $"agency \"{agency}\" is served twice; one office system serves an agency",
                    $"cơ quan \"{agency}\" bị khai hai lần; mỗi cơ quan chỉ thuộc một phần mềm"
                );
            }
            agencies?.Add(agency);
        }
    }

    private void ReadOperators(string folder)
    {
        var table = CsvTable.Read(folder, OperatorsFile, ["id", "name", "roles"], _problems);
        foreach (var row in table.Rows)
        {
            _operators.Add(
                new(
                    NewId(OperatorsFile, row["id"]),
                    Required(OperatorsFile, row["name"], "name"),
                    Roles(row["roles"])
                )
            );
        }
    }

    private string[] Roles(CsvField field)
    {
        var known = Enum.GetValues<OperatorRoles>()
            .Where(role => role != OperatorRoles.None)
            .Select(NameOf)
            .ToArray();
        var roles = field.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (roles.Length == 0 || roles.Except(known, StringComparer.Ordinal).Any())
        {
            var expected = string.Join(", ", known);
            Add(
                OperatorsFile,
                field,
                $"roles \"{field.Text}\": one or more of {expected} were expected, with spaces between",
                $"vai trò \"{field.Text}\": cần một hoặc nhiều trong {expected}, cách nhau bằng dấu cách"
            );
        }
        return roles;
    }

    private string? NewCode(CsvField field, bool required)
    {
        if (!required && field.Text.Length == 0)
        {
            return null;
        }
        if (!AgencyCode.TryParse(field.Text, out var code))
        {
            Add(
                AgenciesFile,
                field,
                $"\"{field.Text}\" is no agency code; H41.05 or 000.00.05.H41 was expected",
                $"\"{field.Text}\" không phải mã định danh; cần dạng H41.05 hoặc 000.00.05.H41"
            );
            return field.Text;
        }
        if (!_codes.Add(code.Value))
        {
            Add(
                AgenciesFile,
                field,
                $"code \"{code.Value}\" occurs twice in this file",
                $"mã \"{code.Value}\" xuất hiện hai lần trong tệp"
            );
        }
        return code.Value;
    }

    // Office systems and operators log in at the same place, so their ids must differ.
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    private string NewId(string file, CsvField field)
    {
        if (!IdPattern().IsMatch(field.Text))
        {
            Add(
                file,
                field,
                $"id \"{field.Text}\": 3 to 40 of a-z, 0-9 and - were expected, without - at the ends",
                $"id \"{field.Text}\": cần 3 đến 40 ký tự a-z, 0-9 và -, không bắt đầu hay kết thúc bằng -"
            );
        }
        else if (!_ids.Add(field.Text))
        {
            Add(
                file,
                field,
                $"id \"{field.Text}\" occurs twice among office systems and operators",
                $"id \"{field.Text}\" bị trùng giữa các phần mềm và người vận hành"
            );
        }
        return field.Text;
    }

    private string Required(string file, CsvField field, string column)
    {
        if (string.IsNullOrWhiteSpace(field.Text))
        {
            Add(file, field, $"{column} is empty", $"{column} để trống");
        }
        return field.Text.Trim();
    }

    private string? Email(CsvField field)
    {
        var email = Optional(field);
        if (email is not null && !EmailPattern().IsMatch(email))
        {
            Add(
                AgenciesFile,
                field,
                $"\"{email}\" is no e-mail address",
                $"\"{email}\" không phải địa chỉ thư điện tử"
            );
        }
        return email;
    }

    private T OneOf<T>(string file, CsvField field, string column, IReadOnlyCollection<T> allowed)
        where T : struct, Enum
    {
        foreach (var value in allowed)
        {
            if (NameOf(value) == field.Text)
            {
                return value;
            }
        }
        var expected = string.Join(", ", allowed.Select(NameOf));
        Add(
            file,
            field,
            $"{column} \"{field.Text}\": one of {expected} was expected",
            $"{column} \"{field.Text}\": cần một trong {expected}"
        );
        return default;
    }

    private bool? YesOrNo(string file, CsvField? field, string column)
    {
        if (field is not { } given)
        {
            return null;
        }
        switch (given.Text.Trim())
        {
            case "":
                return null;
            case "true":
                return true;
            case "false":
                return false;
            default:
                Add(
                    file,
                    given,
                    $"{column} \"{given.Text}\": true, false or nothing was expected",
                    $"{column} \"{given.Text}\": cần true, false hoặc để trống"
                );
                return null;
        }
    }

    private void Add(string file, CsvField field, string message, string messageVi) =>
        _problems.Add(new(file, field.Line, field.Column, message, messageVi));

    private static string? Optional(CsvField field) =>
        string.IsNullOrWhiteSpace(field.Text) ? null : field.Text.Trim();

    private static string NameOf<T>(T value)
        where T : struct, Enum => RegistryNames.Of(value);

    // The same as the CHECK of the tables.
    [GeneratedRegex("^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]\\z", RegexOptions.NonBacktracking)]
    private static partial Regex IdPattern();

    [GeneratedRegex("^[^@\\s]{1,64}@[^@\\s]{1,255}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex EmailPattern();
}
