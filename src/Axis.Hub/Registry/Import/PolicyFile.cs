namespace Axis.Hub.Registry.Import;

/// <summary>A policy as a file names it; the agency by a code of the same province.</summary>
public sealed record ProvincePolicy(
    string? Agency,
    string? OfficeSystem,
    string? Route,
    SignaturePolicy Policy,
    DateTimeOffset ValidFrom,
    DateTimeOffset ValidTo
)
{
    public SignaturePolicyRow ToRow(IReadOnlyDictionary<string, Guid> agencies) =>
        new(
            Agency is null ? null : agencies[Agency],
            OfficeSystem,
            Route,
            Policy,
            ValidFrom,
            ValidTo
        );
}

/// <summary>
/// Reads <c>signature-policies.csv</c>: what is asked of signatures, of whom (<c>scope</c> and <c>subject</c>) and from
/// when to when. A province without the file keeps the policies that the registry has.
/// </summary>
public static class PolicyFile
{
    public const string Name = "signature-policies.csv";

    private static readonly string[] Scopes = ["hub", "route", "office_system", "agency"];

    /// <summary>What is wrong with the file goes to <paramref name="problems"/>.</summary>
    public static IReadOnlyList<ProvincePolicy> Read(
        string folder,
        IReadOnlySet<string> agencies,
        IReadOnlySet<string> officeSystems,
        ICollection<ImportProblem> problems
    )
    {
        if (!File.Exists(Path.Combine(folder, Name)))
        {
            return [];
        }
        var table = CsvTable.Read(
            folder,
            Name,
            ["scope", "subject", "policy", "validFrom", "validTo"],
            problems
        );
        var policies = new List<ProvincePolicy>();
        var seen = new HashSet<(string, string, DateTimeOffset)>();
        foreach (var row in table.Rows)
        {
            var before = problems.Count;
            var (scope, subject) = (row["scope"].Text, row["subject"].Text);
            CheckSubject(row, agencies, officeSystems, problems);
            var policy = PolicyOf(row["policy"], problems);
            var from = Instant(row["validFrom"], DateTimeOffset.MinValue, problems);
            var to = Instant(row["validTo"], DateTimeOffset.MaxValue, problems);
            if (problems.Count == before && from >= to)
            {
                problems.Add(
                    Problem(
                        row["validTo"],
                        "validTo must come after validFrom",
                        "validTo phải sau validFrom"
                    )
                );
            }
            if (problems.Count == before && !seen.Add((scope, subject, from)))
            {
                problems.Add(
                    Problem(
                        row["validFrom"],
                        $"the {scope} \"{subject}\" has another policy from the same time",
                        $"{scope} \"{subject}\" đã có một chính sách khác từ cùng thời điểm"
                    )
                );
            }
            if (problems.Count == before)
            {
                policies.Add(
                    new(
                        scope == "agency" ? subject : null,
                        scope == "office_system" ? subject : null,
                        scope == "route" ? subject : null,
                        policy,
                        from,
                        to
                    )
                );
            }
        }
        return policies;
    }

    private static void CheckSubject(
        CsvRow row,
        IReadOnlySet<string> agencies,
        IReadOnlySet<string> officeSystems,
        ICollection<ImportProblem> problems
    )
    {
        var subject = row["subject"].Text;
        var (fits, expected, expectedVi) = row["scope"].Text switch
        {
            "hub" => (subject.Length == 0, "nothing", "để trống"),
            "route" => (
                subject == SignaturePolicyRow.NationalRoute,
                SignaturePolicyRow.NationalRoute,
                SignaturePolicyRow.NationalRoute
            ),
            "office_system" => (
                officeSystems.Contains(subject),
                "an id of office-systems.csv",
                "một id trong office-systems.csv"
            ),
            "agency" => (
                agencies.Contains(subject),
                "a code of column code of agencies.csv",
                "một mã trong cột code của agencies.csv"
            ),
            _ => (false, "", ""),
        };
        if (expected.Length == 0)
        {
            var scopes = string.Join(", ", Scopes);
            problems.Add(
                Problem(
                    row["scope"],
                    $"scope \"{row["scope"].Text}\": one of {scopes} was expected",
                    $"scope \"{row["scope"].Text}\": cần một trong {scopes}"
                )
            );
        }
        else if (!fits)
        {
            problems.Add(
                Problem(
                    row["subject"],
                    $"subject \"{subject}\": {expected} was expected",
                    $"subject \"{subject}\": cần {expectedVi}"
                )
            );
        }
    }

    private static SignaturePolicy PolicyOf(CsvField field, ICollection<ImportProblem> problems)
    {
        foreach (var policy in Enum.GetValues<SignaturePolicy>())
        {
            if (RegistryNames.Of(policy) == field.Text)
            {
                return policy;
            }
        }
        var expected = string.Join(
            ", ",
            Enum.GetValues<SignaturePolicy>().Select(RegistryNames.Of)
        );
        problems.Add(
            Problem(
                field,
                $"policy \"{field.Text}\": one of {expected} was expected",
                $"policy \"{field.Text}\": cần một trong {expected}"
            )
        );
        return default;
    }

    private static DateTimeOffset Instant(
        CsvField field,
        DateTimeOffset whenEmpty,
        ICollection<ImportProblem> problems
    )
    {
        if (field.Text.Length == 0)
        {
            return whenEmpty;
        }
        if (!PolicyDates.TryParse(field.Text, out var instant))
        {
            problems.Add(
                Problem(
                    field,
                    $"\"{field.Text}\" is no time; {PolicyDates.Expected} was expected",
                    $"\"{field.Text}\" không phải thời điểm; cần dạng {PolicyDates.Expected}"
                )
            );
        }
        return instant;
    }

    private static ImportProblem Problem(CsvField field, string message, string messageVi) =>
        new(Name, field.Line, field.Column, message, messageVi);
}
