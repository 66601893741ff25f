using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Access;
using Axis.Hub.Registry;
using Npgsql;

namespace Axis.TestKit;

/// <summary>Fills the registry of a migrated database, and remembers the secrets it made.</summary>
public sealed class TestRegistry(NpgsqlDataSource database)
{
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);

    public Task AddAgencyAsync(
        string code,
        string? oldCode = null,
        AgencyReach reach = AgencyReach.Province,
        AgencyStatus status = AgencyStatus.Active,
        string kind = "office",
        X509Certificate2? certificate = null
    ) =>
        ChangeAsync(
            """
            WITH new AS (
                INSERT INTO agency (id, name, reach, status, kind)
                VALUES ($1, $2, $3, $4, $5) RETURNING id
            ),
            codes AS (
                INSERT INTO agency_code (code, agency_id, is_primary)
                SELECT c.code, new.id, c.is_primary
                FROM new, (VALUES ($6, true), ($7, false)) AS c (code, is_primary) WHERE c.code <> ''
            )
            INSERT INTO certificate (agency_id, thumbprint, der, subject, not_before, not_after)
            SELECT new.id, sha256($8), $8, $9, $10, $11 FROM new WHERE length($8) > 0
            """,
            Guid.CreateVersion7(),
            "Cơ quan " + code,
            reach == AgencyReach.National ? "national" : "province",
            status.ToString().ToLowerInvariant(),
            kind,
            code,
            oldCode ?? "",
            certificate?.RawData ?? [],
            certificate?.Subject ?? "",
            new DateTimeOffset(certificate?.NotBefore ?? DateTime.UnixEpoch).ToUniversalTime(),
            new DateTimeOffset(certificate?.NotAfter ?? DateTime.UnixEpoch).ToUniversalTime()
        );

    public async Task AddOfficeSystemAsync(
        string id,
        Door inbox,
        SignaturePolicy policy,
        params string[] agencies
    )
    {
        var secret = ClientSecrets.Create();
        _secrets[id] = secret;
        await ChangeAsync(
            """
            WITH new AS (
                INSERT INTO office_system (id, name, inbox_door) VALUES ($1, $2, $3) RETURNING id
            ),
            policies AS (
                INSERT INTO signature_policy (office_system_id, policy) SELECT new.id, $4 FROM new
            ),
            credentials AS (
                INSERT INTO credential (id, office_system_id, secret_sha256)
                SELECT $5, new.id, $6 FROM new
            )
            INSERT INTO office_system_agency (agency_id, office_system_id)
            SELECT c.agency_id, new.id FROM new, agency_code c WHERE c.code = ANY($7)
            """,
            id,
            "Phần mềm " + id,
            DoorNames.Of(inbox),
            policy.ToString().ToLowerInvariant(),
            Guid.CreateVersion7(),
            SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)),
            agencies
        );
    }

    public async Task AddOperatorAsync(string id, params string[] roles)
    {
        var secret = ClientSecrets.Create();
        _secrets[id] = secret;
        await ChangeAsync(
            """
            WITH new AS (INSERT INTO operator (id, name, roles) VALUES ($1, $1, $2) RETURNING id)
            INSERT INTO credential (id, operator_id, secret_sha256) SELECT $3, new.id, $4 FROM new
            """,
            id,
            roles,
            Guid.CreateVersion7(),
            SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret))
        );
    }

    public string SecretOf(string id) => _secrets[id];

    public async Task ChangeAsync(string sql, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await command.ExecuteNonQueryAsync();
    }
}
