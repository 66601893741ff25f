using System.Data;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Registry;

/// <summary>Reads the registry's tables as they are at one moment: all of them, or what changed since a version.</summary>
public sealed class RegistryReader(NpgsqlDataSource database, ILogger<RegistryReader> log)
{
    // Those of agencies, to each of which a condition on the agency may be added; the id comes first.
    private static readonly string[] OfAgencies =
    [
        "SELECT id, name, in_charge, parent_id, kind, reach, status, email, closed_at, level FROM agency",
        "SELECT agency_id, code, is_primary, valid_from, valid_to FROM agency_code",
        "SELECT agency_id, office_system_id, since, until FROM office_system_agency",
        "SELECT agency_id, successor_id, kind, effective_at FROM agency_succession",
        "SELECT agency_id, effective_at, name, parent_id FROM agency_plan",
    ];

    private static readonly string[] Small =
    [
        """
            SELECT id, name, status, inbox_door, requests_per_minute, max_package_bytes,
                max_connections, allowed_networks, contact_name, contact_mail, contact_phone,
                collected_is_arrival, packages_per_day, bytes_per_day, announces_arrivals FROM office_system
            """,
        "SELECT id, name, status, roles FROM operator",
        "SELECT office_system_id, operator_id, id, secret_sha256, not_after FROM credential",
        "SELECT agency_id, office_system_id, route, policy, valid_from, valid_to FROM signature_policy",
        "SELECT office_system_id, thumbprint, kind, der, name, not_before, not_after, revoked_at FROM client_key",
    ];

    public async Task<long> ReadVersionAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT version FROM registry_version");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// The registry as of one moment. What <paramref name="previous"/> has is taken from it as far as the log of
    /// changes reaches; certificates never change, and parsing them is what costs.
    /// </summary>
    public async Task<RegistrySnapshot> ReadAsync(
        RegistrySnapshot? previous,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // One snapshot for all statements: a change between two of them would tear the registry.
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead,
            cancellationToken
        );
        return await ReadAsync(connection, previous, at, cancellationToken);
    }

    /// <summary>The same inside a transaction of the caller's, who holds the lock on the version.</summary>
    public async Task<RegistrySnapshot> ReadAsync(
        NpgsqlConnection connection,
        RegistrySnapshot? previous,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var (version, touched) = await ChangesSinceAsync(connection, previous, cancellationToken);
        if (previous is not null && version == previous.Version)
        {
            return at >= previous.ChangesAt ? previous.At(at) : previous;
        }
        var rows = await ReadRowsAsync(connection, version, touched, previous, cancellationToken);
        return touched is null
            ? new RegistrySnapshot(rows, at)
            : previous!.With(new RegistryChanges(rows, touched), at);
    }

    private async Task<RegistryRows> ReadRowsAsync(
        NpgsqlConnection connection,
        long version,
        Guid[]? touched,
        RegistrySnapshot? previous,
        CancellationToken cancellationToken
    )
    {
        var certificates = await ReadCertificatesAsync(
            connection,
            touched,
            previous,
            cancellationToken
        );
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (i, statement) in OfAgencies.Index())
        {
            var id = i == 0 ? "id" : "agency_id";
            var command = new NpgsqlBatchCommand(
                touched is null ? statement : $"{statement} WHERE {id} = ANY ($1)"
            );
            if (touched is not null)
            {
                command.Parameters.Add(new() { Value = touched });
            }
            batch.BatchCommands.Add(command);
        }
        foreach (var statement in Small)
        {
            batch.BatchCommands.Add(new(statement));
        }
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var words = new RegistryWords();
        var agencies = await RowsAsync(reader, words.AgencyOf, cancellationToken);
        var codes = await NextRowsAsync(reader, RegistryWords.CodeOf, cancellationToken);
        var services = await NextRowsAsync(reader, words.ServiceOf, cancellationToken);
        var successions = await NextRowsAsync(
            reader,
            RegistryWords.SuccessionOf,
            cancellationToken
        );
        var plans = await NextRowsAsync(reader, RegistryWords.PlanOf, cancellationToken);
        return new RegistryRows(
            version,
            agencies,
            codes,
            await NextRowsAsync(reader, RegistryWords.OfficeSystemOf, cancellationToken),
            services,
            await NextRowsAsync(reader, RegistryWords.OperatorOf, cancellationToken),
            await NextRowsAsync(reader, RegistryWords.CredentialOf, cancellationToken),
            certificates
        )
        {
            Successions = successions,
            Plans = plans,
            SignaturePolicies = await NextRowsAsync(
                reader,
                RegistryWords.PolicyOf,
                cancellationToken
            ),
            ClientKeys = await NextRowsAsync(reader, RegistryWords.ClientKeyOf, cancellationToken),
        };
    }

    /// <summary>The version of now, and the agencies touched since; null: read everything.</summary>
    private static async Task<(long Version, Guid[]? Touched)> ChangesSinceAsync(
        NpgsqlConnection connection,
        RegistrySnapshot? previous,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT v.version, v.log_from, c.agency_id, c.version IS NOT NULL
            FROM registry_version v
            LEFT JOIN (SELECT DISTINCT ON (agency_id) agency_id, version FROM registry_change WHERE version > $1) c ON true
            """,
            connection
        );
        command.Parameters.Add(new() { Value = previous?.Version ?? long.MaxValue });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        long version = 0;
        var everything = previous is null;
        var touched = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            version = reader.GetInt64(0);
            everything |=
                previous is not null
                && (reader.GetInt64(1) > previous.Version || version < previous.Version);
            if (reader.GetBoolean(3))
            {
                if (await reader.IsDBNullAsync(2, cancellationToken))
                {
                    everything = true;
                }
                else
                {
                    touched.Add(reader.GetGuid(2));
                }
            }
        }
        return (version, everything ? null : [.. touched]);
    }

    private async Task<List<CertificateRow>> ReadCertificatesAsync(
        NpgsqlConnection connection,
        Guid[]? touched,
        RegistrySnapshot? previous,
        CancellationToken cancellationToken
    )
    {
        var loaded = new Dictionary<string, X509Certificate2>(StringComparer.Ordinal);
        foreach (var row in CertificatesKnown(touched, previous))
        {
            loaded[row.Thumbprint] = row.Certificate.Certificate;
        }
        await using var command = new NpgsqlCommand(
            """
            SELECT agency_id, thumbprint, revoked_at, CASE WHEN thumbprint = ANY ($1) THEN NULL ELSE der END
            FROM certificate WHERE $2::uuid[] IS NULL OR agency_id = ANY ($2)
            """,
            connection
        )
        {
            Parameters =
            {
                new() { Value = loaded.Keys.Select(Convert.FromHexString).ToArray() },
                new()
                {
                    Value = (object?)touched ?? DBNull.Value,
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid,
                },
            },
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
            rows.Add(
                new(
                    reader.GetGuid(0),
                    thumbprint,
                    new(certificate, RegistryWords.Instant(reader, 2))
                )
            );
        }
        return rows;
    }

    private static IEnumerable<CertificateRow> CertificatesKnown(
        Guid[]? touched,
        RegistrySnapshot? previous
    ) =>
        previous is null ? []
        : touched is null ? previous.LoadedCertificates
        : touched.SelectMany(id => previous.AgencyById(id)?.Facts.Certificates ?? []);

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
