using System.Security.Cryptography;
using System.Text.Json;
using Axis.Hub.Errors;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Registry.Import;

internal sealed record NewCredential(string? OfficeSystemId, string? OperatorId, byte[] Sha256);

/// <summary>
/// The registry's tables as an import writes them, in the transaction of its connection. One statement per table
/// however many rows; a row that is right already is not written.
/// </summary>
internal sealed class RegistryTables(NpgsqlConnection connection)
{
    /// <summary>One import at a time. Every change of the registry takes this row's lock as well.</summary>
    public Task LockAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("SELECT version FROM registry_version FOR UPDATE", [], cancellationToken);

    public async Task<Dictionary<string, Guid>> OwnersAsync(
        IEnumerable<string> codes,
        CancellationToken cancellationToken
    )
    {
        var owners = new Dictionary<string, Guid>(StringComparer.Ordinal);
        await using var command = Command(
            """
            SELECT code, agency_id FROM agency_code
            WHERE code = ANY ($1) AND valid_from <= now() AND now() < valid_to
            """,
            [codes.ToArray()]
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            owners.Add(reader.GetString(0), reader.GetGuid(1));
        }
        return owners;
    }

    public Task<int> UpsertAgenciesAsync(
        IReadOnlyList<ProvinceAgency> agencies,
        Dictionary<string, Guid> ids,
        CancellationToken cancellationToken
    ) =>
        // The parents are in the same statement: foreign keys are checked at its end.
        ExecuteAsync(
            """
            INSERT INTO agency (id, name, in_charge, parent_id, kind, reach, email)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (id) DO UPDATE SET
                (name, in_charge, parent_id, kind, reach, email, changed_at) =
                (excluded.name, excluded.in_charge, excluded.parent_id, excluded.kind, excluded.reach, excluded.email,
                    now())
            WHERE (agency.name, agency.in_charge, agency.parent_id, agency.kind, agency.reach, agency.email)
                IS DISTINCT FROM
                (excluded.name, excluded.in_charge, excluded.parent_id, excluded.kind, excluded.reach, excluded.email)
            """,
            [
                agencies.Select(agency => ids[agency.Code]).ToArray(),
                agencies.Select(agency => agency.Name).ToArray(),
                agencies.Select(agency => agency.InCharge).ToArray(),
                agencies
                    .Select(agency => agency.Parent is null ? (Guid?)null : ids[agency.Parent])
                    .ToArray(),
                agencies.Select(agency => agency.Kind).ToArray(),
                agencies.Select(agency => RegistryNames.Of(agency.Reach)).ToArray(),
                agencies.Select(agency => agency.Email).ToArray(),
            ],
            cancellationToken
        );

    public async Task<int> UpsertCodesAsync(
        IReadOnlyList<ProvinceAgency> agencies,
        Dictionary<string, Guid> ids,
        CancellationToken cancellationToken
    )
    {
        var codes = ids.Keys.ToArray();
        var owners = codes.Select(code => ids[code]).ToArray();
        var primary = agencies.Select(agency => agency.Code).ToArray();
        // A code that was another's before begins where that ended.
        var added = await ExecuteAsync(
            """
            INSERT INTO agency_code (code, agency_id, is_primary, valid_from)
            SELECT code, agency_id, code = ANY ($3),
                coalesce((SELECT max(valid_to) FROM agency_code o WHERE o.code = n.code), '-infinity')
            FROM unnest($1, $2) AS n (code, agency_id)
            WHERE NOT EXISTS (
                SELECT FROM agency_code o
                WHERE o.code = n.code AND o.valid_from <= now() AND now() < o.valid_to)
            """,
            [codes, owners, primary],
            cancellationToken
        );
        var changed = await ExecuteAsync(
            """
            UPDATE agency_code SET is_primary = code = ANY ($2)
            WHERE agency_id = ANY ($1) AND valid_from <= now() AND now() < valid_to
                AND is_primary <> (code = ANY ($2))
            """,
            [owners, primary],
            cancellationToken
        );
        return added + changed;
    }

    public Task<int> UpsertOfficeSystemsAsync(
        IReadOnlyList<ProvinceOfficeSystem> systems,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            """
            INSERT INTO office_system AS s (id, name, inbox_door, collected_is_arrival, announces_arrivals)
            SELECT n.id, n.name, n.door, coalesce(n.arrival, o.collected_is_arrival, false),
                coalesce(n.announces, o.announces_arrivals, false)
            FROM unnest($1, $2, $3, $4, $5) AS n (id, name, door, arrival, announces)
                LEFT JOIN office_system o ON o.id = n.id
            ON CONFLICT (id) DO UPDATE SET (name, inbox_door, collected_is_arrival, announces_arrivals) =
                (excluded.name, excluded.inbox_door, excluded.collected_is_arrival, excluded.announces_arrivals)
            WHERE (s.name, s.inbox_door, s.collected_is_arrival, s.announces_arrivals) IS DISTINCT FROM
                (excluded.name, excluded.inbox_door, excluded.collected_is_arrival, excluded.announces_arrivals)
            """,
            [
                systems.Select(system => system.Id).ToArray(),
                systems.Select(system => system.Name).ToArray(),
                systems.Select(system => RegistryNames.Of(system.InboxDoor)).ToArray(),
                systems.Select(system => system.CollectedIsArrival).ToArray(),
                systems.Select(system => system.AnnouncesArrivals).ToArray(),
            ],
            cancellationToken
        );

    public async Task<int> UpsertServicesAsync(
        IReadOnlyList<ProvinceOfficeSystem> systems,
        Dictionary<string, Guid> ids,
        CancellationToken cancellationToken
    )
    {
        var services = systems
            .SelectMany(system => system.Agencies.Select(code => (system.Id, Agency: ids[code])))
            .ToArray();
        object[] values =
        [
            services.Select(service => service.Agency).ToArray(),
            services.Select(service => service.Id).ToArray(),
            ids.Values.Distinct().ToArray(),
        ];
        var ended = await ExecuteAsync(
            """
            UPDATE office_system_agency s SET until = now()
            WHERE s.agency_id = ANY ($3) AND s.since <= now() AND now() < s.until
                AND NOT EXISTS (
                    SELECT FROM unnest($1, $2) AS n (agency_id, office_system_id)
                    WHERE n.agency_id = s.agency_id AND n.office_system_id = s.office_system_id)
            """,
            values,
            cancellationToken
        );
        var begun = await ExecuteAsync(
            """
            INSERT INTO office_system_agency (agency_id, office_system_id)
            SELECT agency_id, office_system_id FROM unnest($1, $2) AS n (agency_id, office_system_id)
            WHERE NOT EXISTS (
                SELECT FROM office_system_agency s
                WHERE s.agency_id = n.agency_id AND s.since <= now() AND now() < s.until)
            """,
            values[..2],
            cancellationToken
        );
        return ended + begun;
    }

    public Task<int> UpsertOperatorsAsync(
        IReadOnlyList<ProvinceOperator> operators,
        CancellationToken cancellationToken
    ) =>
        // Arrays of arrays must be rectangular, so the roles travel joined.
        ExecuteAsync(
            """
            INSERT INTO operator (id, name, roles)
            SELECT id, name, string_to_array(roles, ' ') FROM unnest($1, $2, $3) AS n (id, name, roles)
            ON CONFLICT (id) DO UPDATE SET (name, roles) = (excluded.name, excluded.roles)
            WHERE (operator.name, operator.roles) IS DISTINCT FROM (excluded.name, excluded.roles)
            """,
            [
                operators.Select(person => person.Id).ToArray(),
                operators.Select(person => person.Name).ToArray(),
                operators.Select(person => string.Join(' ', person.Roles)).ToArray(),
            ],
            cancellationToken
        );

    public Task<int> AddCertificatesAsync(
        IReadOnlyList<CertificateFile> certificates,
        Dictionary<string, Guid> ids,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            """
            INSERT INTO certificate (agency_id, thumbprint, der, subject, not_before, not_after)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
            ON CONFLICT DO NOTHING
            """,
            [
                certificates.Select(file => ids[file.AgencyCode]).ToArray(),
                certificates.Select(file => SHA256.HashData(file.Certificate.RawData)).ToArray(),
                certificates.Select(file => file.Certificate.RawData).ToArray(),
                certificates.Select(file => file.Certificate.Subject).ToArray(),
                certificates.Select(file => Utc(file.Certificate.NotBefore)).ToArray(),
                certificates.Select(file => Utc(file.Certificate.NotAfter)).ToArray(),
            ],
            cancellationToken
        );

    public async Task<HashSet<string>> HoldersOfCredentialsAsync(
        CancellationToken cancellationToken
    )
    {
        var holders = new HashSet<string>(StringComparer.Ordinal);
        await using var command = Command(
            "SELECT DISTINCT coalesce(office_system_id, operator_id) FROM credential WHERE not_after > now()",
            []
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            holders.Add(reader.GetString(0));
        }
        return holders;
    }

    /// <summary>Adds those that are not there; a secret that was taken back stays so.</summary>
    public Task<int> AddCredentialsAsync(
        IReadOnlyList<NewCredential> credentials,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            """
            INSERT INTO credential (id, office_system_id, operator_id, secret_sha256)
            SELECT id, office_system_id, operator_id, secret_sha256
            FROM unnest($1, $2, $3, $4) AS n (id, office_system_id, operator_id, secret_sha256)
            WHERE NOT EXISTS (
                SELECT FROM credential c
                WHERE c.secret_sha256 = n.secret_sha256
                    AND coalesce(c.office_system_id, c.operator_id) = coalesce(n.office_system_id, n.operator_id))
            """,
            [
                credentials.Select(_ => Guid.CreateVersion7()).ToArray(),
                credentials.Select(credential => credential.OfficeSystemId).ToArray(),
                credentials.Select(credential => credential.OperatorId).ToArray(),
                credentials.Select(credential => credential.Sha256).ToArray(),
            ],
            cancellationToken
        );

    public async Task AuditAsync(
        DateTimeOffset at,
        string action,
        object detail,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(
            "INSERT INTO audit (at, actor, action, outcome, detail) VALUES ($1, 'hub', $2, 'ok', $3)",
            [at, action]
        );
        command.Parameters.Add(
            new()
            {
                Value = JsonSerializer.Serialize(detail, HubJson.Options),
                NpgsqlDbType = NpgsqlDbType.Jsonb,
            }
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // X509Certificate2 gives its times in the machine's zone.
    private static DateTime Utc(DateTime local) => local.ToUniversalTime();

    private async Task<int> ExecuteAsync(
        string sql,
        object[] values,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
