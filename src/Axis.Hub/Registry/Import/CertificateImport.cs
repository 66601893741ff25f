using Axis.Hub.Access;
using Npgsql;

namespace Axis.Hub.Registry.Import;

/// <summary>
/// Registers certificates for agencies that are there, and touches nothing else: files of a province may be older than
/// what was changed in the registry since. All or nothing; repeating it changes nothing.
/// </summary>
public sealed class CertificateImport(NpgsqlDataSource database, TimeProvider clock)
{
    /// <exception cref="ImportException">A file is named by a code that no agency has; nothing was changed.</exception>
    public async Task<ImportCount> RunAsync(
        IReadOnlyList<CertificateFile> certificates,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var tables = new RegistryTables(connection);
        await tables.LockAsync(cancellationToken);
        var owners = await tables.OwnersAsync(
            certificates.Select(file => file.AgencyCode),
            cancellationToken
        );
        var unknown = certificates.Where(file => !owners.ContainsKey(file.AgencyCode)).ToArray();
        if (unknown.Length > 0)
        {
            throw new ImportException([
                .. unknown.Select(file => new ImportProblem(
                    file.AgencyCode + CertificateFiles.Suffix,
                    0,
                    0,
                    $"no agency of the registry has the code \"{file.AgencyCode}\"",
                    $"không có cơ quan nào trong danh mục mang mã \"{file.AgencyCode}\""
                )),
            ]);
        }
        var written = await tables.AddCertificatesAsync(certificates, owners, cancellationToken);
        var count = new ImportCount(certificates.Count, written);
        await tables.AuditAsync(
            clock.GetUtcNow(),
            AuditActions.ImportRegistry,
            new ImportReport(
                new(0, 0),
                new(0, 0),
                new(0, 0),
                0,
                new(0, 0),
                count,
                new(0, 0),
                0,
                []
            ),
            cancellationToken
        );
        await transaction.CommitAsync(cancellationToken);
        return count;
    }
}
