using System.Data;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace Axis.Hub.Registry;

/// <summary>Reads the registry's tables as they are at one moment.</summary>
public sealed class RegistryReader(NpgsqlDataSource database, ILogger<RegistryReader> log)
{
    private const string Tables = """
        SELECT version FROM registry_version;
        SELECT id, name, in_charge, parent_id, kind, reach, status, email FROM agency;
        SELECT agency_id, code, is_primary, valid_from, valid_to FROM agency_code;
        SELECT id, name, status, inbox_door, signature_policy FROM office_system;
        SELECT agency_id, office_system_id, since, until FROM office_system_agency;
        SELECT id, name, status, roles FROM operator;
        SELECT office_system_id, operator_id, secret_sha256, not_after FROM credential;
        """;

    public async Task<long> ReadVersionAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT version FROM registry_version");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// All tables as of one moment. Certificates that <paramref name="previous"/> has are taken from it: they never
    /// change, and parsing them is what costs.
    /// </summary>
    public async Task<RegistryRows> ReadAsync(
        RegistrySnapshot? previous,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // One snapshot for all statements: a change between two of them would tear the registry.
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead,
            cancellationToken
        );
        var certificates = await ReadCertificatesAsync(connection, previous, cancellationToken);
        await using var command = new NpgsqlCommand(Tables, connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return new RegistryRows(
            (await RowsAsync(reader, row => row.GetInt64(0), cancellationToken))[0],
            await NextRowsAsync(reader, AgencyOf, cancellationToken),
            await NextRowsAsync(reader, CodeOf, cancellationToken),
            await NextRowsAsync(reader, OfficeSystemOf, cancellationToken),
            await NextRowsAsync(reader, ServiceOf, cancellationToken),
            await NextRowsAsync(reader, OperatorOf, cancellationToken),
            await NextRowsAsync(reader, CredentialOf, cancellationToken),
            certificates
        );
    }

    private async Task<List<CertificateRow>> ReadCertificatesAsync(
        NpgsqlConnection connection,
        RegistrySnapshot? previous,
        CancellationToken cancellationToken
    )
    {
        var loaded = previous is null
            ? []
            : new Dictionary<string, X509Certificate2>(previous.LoadedCertificates);
        await using var command = new NpgsqlCommand(
            """
            SELECT agency_id, thumbprint, revoked_at, CASE WHEN thumbprint = ANY ($1) THEN NULL ELSE der END
            FROM certificate
            """,
            connection
        )
        {
            Parameters = { new() { Value = loaded.Keys.Select(Convert.FromHexString).ToArray() } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<CertificateRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var thumbprint = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(1));
            if (!loaded.TryGetValue(thumbprint, out var certificate))
            {
                try
                {
                    certificate = X509CertificateLoader.LoadCertificate(
                        reader.GetFieldValue<byte[]>(3)
                    );
                }
                catch (CryptographicException failure)
                {
                    // One bad row must not keep the whole registry from loading; nothing is trusted because of it.
                    log.LogError(
                        "Certificate {Thumbprint} of agency {Agency} cannot be read: {Failure}",
                        thumbprint,
                        reader.GetGuid(0),
                        failure.Message
                    );
                    continue;
                }
                loaded.Add(thumbprint, certificate);
            }
            rows.Add(new(reader.GetGuid(0), thumbprint, new(certificate, Instant(reader, 2))));
        }
        return rows;
    }

    private static AgencyRow AgencyOf(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetString(1),
            TextOrNull(row, 2),
            row.IsDBNull(3) ? null : row.GetGuid(3),
            row.GetString(4),
            Enum.Parse<AgencyReach>(row.GetString(5), ignoreCase: true),
            Enum.Parse<AgencyStatus>(row.GetString(6), ignoreCase: true),
            TextOrNull(row, 7)
        );

    private static AgencyCodeRow CodeOf(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            new(row.GetString(1), row.GetBoolean(2), Instant(row, 3), Instant(row, 4))
        );

    private static OfficeSystemRow OfficeSystemOf(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2) == "active",
            Enum.Parse<Door>(row.GetString(3), ignoreCase: true),
            Enum.Parse<SignaturePolicy>(row.GetString(4), ignoreCase: true)
        );

    private static ServiceRow ServiceOf(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetString(1), Instant(row, 2), Instant(row, 3));

    private static Operator OperatorOf(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2) == "active",
            row.GetFieldValue<string[]>(3)
                .Aggregate(
                    OperatorRoles.None,
                    // A role this version does not know grants nothing.
                    (roles, name) =>
                        Enum.TryParse<OperatorRoles>(name, ignoreCase: true, out var role)
                            ? roles | role
                            : roles
                )
        );

    private static CredentialRow CredentialOf(NpgsqlDataReader row) =>
        new(
            TextOrNull(row, 0),
            TextOrNull(row, 1),
            new(row.GetFieldValue<byte[]>(2), Instant(row, 3))
        );

    private static string? TextOrNull(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    // PostgreSQL's infinities are the ends of .NET's time.
    private static DateTimeOffset Instant(NpgsqlDataReader row, int column)
    {
        var instant = row.GetDateTime(column);
        return instant == DateTime.MinValue ? DateTimeOffset.MinValue
            : instant == DateTime.MaxValue ? DateTimeOffset.MaxValue
            : new DateTimeOffset(instant, TimeSpan.Zero);
    }

    private static async Task<List<T>> NextRowsAsync<T>(
        NpgsqlDataReader reader,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        await reader.NextResultAsync(cancellationToken);
        return await RowsAsync(reader, read, cancellationToken);
    }

    private static async Task<List<T>> RowsAsync<T>(
        NpgsqlDataReader reader,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }
        return rows;
    }
}
