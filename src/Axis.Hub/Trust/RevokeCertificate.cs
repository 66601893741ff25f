using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Trust;

/// <summary>
/// Takes a registered certificate back: a key was lost or stolen, and no authority says so, or not soon enough. The
/// row stays, so that no import of old files brings the certificate into force again.
/// </summary>
public sealed class RevokeCertificate(
    NpgsqlDataSource database,
    RegistryCache registry,
    TimeProvider clock
)
{
    // Of every agency that has it: it is the key that is not trusted any more. What was told once stays told once.
    private const string Revoke = """
        WITH known AS (
            SELECT agency_id, thumbprint FROM certificate WHERE thumbprint = $1 ORDER BY agency_id FOR UPDATE),
        revoked AS (
            UPDATE certificate c SET revoked_at = $2 FROM known k
            WHERE c.agency_id = k.agency_id AND c.thumbprint = k.thumbprint AND c.revoked_at > $2
            RETURNING 1),
        told AS (
            INSERT INTO audit (at, actor, remote, action, outcome, detail)
            SELECT $2, $3, $4, $5, 'ok', $6 WHERE EXISTS (SELECT FROM revoked))
        SELECT count(*) FROM known
        """;

    /// <summary>From now on letters signed with it are refused. False when no agency has it.</summary>
    /// <param name="thumbprint">SHA-256 of the certificate.</param>
    public async Task<bool> RunAsync(
        byte[] thumbprint,
        string operatorId,
        string? remote,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Revoke);
        command.Parameters.Add(new() { Value = thumbprint });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = operatorId });
        command.Parameters.Add(
            new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)remote ?? DBNull.Value }
        );
        command.Parameters.Add(new() { Value = AuditActions.RevokeCertificate });
        command.Parameters.Add(
            new()
            {
                NpgsqlDbType = NpgsqlDbType.Jsonb,
                Value = JsonSerializer.Serialize(
                    new { thumbprint = Convert.ToHexStringLower(thumbprint) },
                    HubJson.Options
                ),
            }
        );
        var known = (long)(await command.ExecuteScalarAsync(cancellationToken))! > 0;
        await registry.RefreshAsync(cancellationToken);
        return known;
    }
}
