using Npgsql;

namespace Axis.Hub.Registry.Import;

/// <summary><c>Axis.Hub import --province DIR --certificates DIR --credentials FILE</c>, or certificates alone.</summary>
public static class ImportVerb
{
    public const string Name = "import";

    public const string Usage = """
        usage: Axis.Hub import --province DIR --credentials FILE [--certificates DIR]
               Axis.Hub import --certificates DIR

        --province DIR       agencies.csv, office-systems.csv, office-system-agencies.csv, operators.csv, and
                             signature-policies.csv where there is one
        --certificates DIR   <code>.cert.pem files: the signing certificate of the agency with that code; alone, it
                             registers them for agencies of the registry and changes nothing else
        --credentials FILE   gets the secrets made for office systems and operators that have none (mode 600)
        """;

    private static readonly string[] Options = ["--province", "--certificates", "--credentials"];

    /// <summary>
    /// Runs the verb on a migrated database; <paramref name="arguments"/> come after the verb. Returns the exit code:
    /// 0 done, 1 the files are not acceptable, 2 wrong usage.
    /// </summary>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        NpgsqlDataSource database,
        TimeProvider clock,
        TextWriter output,
        TextWriter error,
        CancellationToken cancellationToken
    )
    {
        var given = Parse(arguments) ?? [];
        var certificates = given.GetValueOrDefault("--certificates");
        try
        {
            switch
                (
                    given.GetValueOrDefault("--province"),
                    given.GetValueOrDefault("--credentials"),
                    certificates
                )

            {
                case ({ } province, { } credentials, _):
                    var files = ProvinceFiles.Read(province);
                    var report = await new ProvinceImport(database, clock).RunAsync(
                        files,
                        certificates is null ? [] : CertificateFiles.Read(certificates, files),
                        credentials,
                        cancellationToken
                    );
                    await WriteAsync(report, credentials, output);
                    return 0;
                case (null, null, { } folder):
                    var bound = await new CertificateImport(database, clock).RunAsync(
                        CertificateFiles.Read(folder),
                        cancellationToken
                    );
                    await LineAsync(output, "certificates", bound);
                    return 0;
                default:
                    await error.WriteLineAsync(Usage);
                    return 2;
            }
        }
        catch (ImportException refused)
        {
            foreach (var problem in refused.Problems)
            {
                await error.WriteLineAsync(problem.ToString());
            }
            await error.WriteLineAsync("Nothing was imported.");
            return 1;
        }
    }

    private static Dictionary<string, string>? Parse(IReadOnlyList<string> arguments)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (
                !Options.Contains(arguments[i])
                || i + 1 == arguments.Count
                || !given.TryAdd(arguments[i], arguments[i + 1])
            )
            {
                return null;
            }
        }
        return given;
    }

    private static async Task WriteAsync(ImportReport report, string credentials, TextWriter output)
    {
        await LineAsync(output, "agencies", report.Agencies);
        await LineAsync(output, "codes", report.Codes);
        await LineAsync(output, "office systems", report.OfficeSystems);
        await output.WriteLineAsync(
            $"{"who serves whom", -16}{report.ServicesChanged, 7} begun or ended"
        );
        await LineAsync(output, "operators", report.Operators);
        await LineAsync(output, "certificates", report.Certificates);
        await LineAsync(output, "policies", report.SignaturePolicies);
        await output.WriteLineAsync(
            $"{"new secrets", -16}{report.NewSecrets, 7}, written to {credentials}"
        );
        foreach (var holder in report.SecretUnknown)
        {
            await output.WriteLineAsync(
                $"{holder} has a credential already; its secret is not in {credentials} and cannot be shown again"
            );
        }
    }

    private static Task LineAsync(TextWriter output, string what, ImportCount count) =>
        output.WriteLineAsync($"{what, -16}{count.Read, 7} read, {count.Written} written");
}
