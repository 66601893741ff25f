using Axis.Hub.Access;
using Npgsql;

namespace Axis.Hub.Registry.Import;

/// <summary>
/// Brings the registry in line with a province's files: adds and changes what the files name, leaves alone what they
/// do not (an agency that is locked or closed stays so, and an agency missing from the files stays known). One
/// transaction, so all of it or nothing; repeating it changes nothing.
/// </summary>
public sealed class ProvinceImport(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>
    /// <paramref name="credentialsFile"/> gets the secrets made here for holders that have none. It is on disk before
    /// the commit: a secret in the file that was never committed is registered by the next run, while a committed
    /// secret that nobody knows would be lost.
    /// </summary>
    /// <exception cref="ImportException">Something is wrong with the files; nothing was changed.</exception>
    public async Task<ImportReport> RunAsync(
        ProvinceFiles province,
        IReadOnlyList<CertificateFile> certificates,
        string credentialsFile,
        CancellationToken cancellationToken
    )
    {
        var known = CredentialsFile.Read(credentialsFile);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var tables = new RegistryTables(connection);
        await tables.LockAsync(cancellationToken);

        var ids = await AgencyIdsAsync(tables, province, cancellationToken);
        var agencies = await tables.UpsertAgenciesAsync(province.Agencies, ids, cancellationToken);
        var codes = await tables.UpsertCodesAsync(province.Agencies, ids, cancellationToken);
        var systems = await tables.UpsertOfficeSystemsAsync(
            province.OfficeSystems,
            cancellationToken
        );
        var services = await tables.UpsertServicesAsync(
            province.OfficeSystems,
            ids,
            cancellationToken
        );
        var operators = await tables.UpsertOperatorsAsync(province.Operators, cancellationToken);
        var policies = await SignaturePolicyTable.UpsertAsync(
            connection,
            [.. province.Policies.Select(policy => policy.ToRow(ids))],
            cancellationToken
        );
        var bound = await tables.AddCertificatesAsync(certificates, ids, cancellationToken);
        var holders = await CredentialsAsync(tables, province, known, cancellationToken);

        var report = new ImportReport(
            new(province.Agencies.Count, agencies),
            new(ids.Count, codes),
            new(province.OfficeSystems.Count, systems),
            services,
            new(province.Operators.Count, operators),
            new(certificates.Count, bound),
            new(province.Policies.Count, policies),
            holders.NewSecrets,
            holders.SecretUnknown
        );
        await tables.AuditAsync(
            clock.GetUtcNow(),
            AuditActions.ImportRegistry,
            report,
            cancellationToken
        );
        holders.File.Write(credentialsFile);
        await transaction.CommitAsync(cancellationToken);
        return report;
    }

    /// <summary>The agency behind every code of the files: the one that has the code already, else a new one.</summary>
    private async Task<Dictionary<string, Guid>> AgencyIdsAsync(
        RegistryTables tables,
        ProvinceFiles province,
        CancellationToken cancellationToken
    )
    {
        var owners = await tables.OwnersAsync(
            province.Agencies.SelectMany(CodesOf),
            cancellationToken
        );
        var ids = new Dictionary<string, Guid>(StringComparer.Ordinal);
        var problems = new List<ImportProblem>();
        foreach (var agency in province.Agencies)
        {
            var found = CodesOf(agency)
                .Where(owners.ContainsKey)
                .Select(code => owners[code])
                .Distinct()
                .ToArray();
            if (found.Length > 1)
            {
                problems.Add(
                    new(
                        "agencies.csv",
                        0,
                        0,
                        $"\"{agency.Code}\" and \"{agency.OldCode}\" belong to two different agencies of the registry",
                        $"\"{agency.Code}\" và \"{agency.OldCode}\" đang thuộc hai cơ quan khác nhau trong danh mục"
                    )
                );
            }
            var id = found.Length > 0 ? found[0] : Guid.CreateVersion7(clock.GetUtcNow());
            foreach (var code in CodesOf(agency))
            {
                ids.Add(code, id);
            }
        }
        return problems.Count == 0 ? ids : throw new ImportException(problems);
    }

    private static IEnumerable<string> CodesOf(ProvinceAgency agency) =>
        agency.OldCode is null ? [agency.Code] : [agency.Code, agency.OldCode];

    private static async Task<Holders> CredentialsAsync(
        RegistryTables tables,
        ProvinceFiles province,
        CredentialsFile known,
        CancellationToken cancellationToken
    )
    {
        var have = await tables.HoldersOfCredentialsAsync(cancellationToken);
        var systems = known.OfficeSystems.ToDictionary(entry => entry.Id, StringComparer.Ordinal);
        var operators = known.Operators.ToDictionary(entry => entry.Id, StringComparer.Ordinal);
        var added = new List<NewCredential>();
        var unknown = new List<string>();
        var made = 0;

        foreach (var system in province.OfficeSystems)
        {
            if (SecretFor(system.Id, systems.GetValueOrDefault(system.Id)?.Secret) is { } secret)
            {
                systems[system.Id] = new(system.Id, secret, system.InboxDoor, system.Agencies);
                added.Add(new(system.Id, null, ClientSecrets.HashOf(secret)));
            }
        }
        foreach (var person in province.Operators)
        {
            if (SecretFor(person.Id, operators.GetValueOrDefault(person.Id)?.Secret) is { } secret)
            {
                operators[person.Id] = new(person.Id, secret);
                added.Add(new(null, person.Id, ClientSecrets.HashOf(secret)));
            }
        }
        // Only what the registry lacks is added, so the file's secrets survive a new, empty database.
        await tables.AddCredentialsAsync(added, cancellationToken);
        return new(new([.. systems.Values], [.. operators.Values]), made, unknown);

        string? SecretFor(string id, string? inFile)
        {
            if (inFile is not null)
            {
                return inFile;
            }
            if (have.Contains(id))
            {
                unknown.Add(id);
                return null;
            }
            made++;
            return ClientSecrets.Create();
        }
    }

    private sealed record Holders(
        CredentialsFile File,
        int NewSecrets,
        IReadOnlyList<string> SecretUnknown
    );
}

/// <summary>Rows that the files name, and rows that had to be written because of them.</summary>
public sealed record ImportCount(int Read, int Written);

/// <summary>
/// What an import did. <c>SecretUnknown</c>: holders that have a credential already whose secret is not in the file.
/// </summary>
public sealed record ImportReport(
    ImportCount Agencies,
    ImportCount Codes,
    ImportCount OfficeSystems,
    int ServicesChanged,
    ImportCount Operators,
    ImportCount Certificates,
    ImportCount SignaturePolicies,
    int NewSecrets,
    IReadOnlyList<string> SecretUnknown
);
