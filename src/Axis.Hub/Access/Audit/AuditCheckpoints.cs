using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Axis.Hub.Access.Audit;

/// <summary>
/// Signs the head of the audit chain at intervals and at the stop (docs/audit.md). The checkpoint also goes to the log,
/// which lies where the database's owner cannot reach it.
/// </summary>
public sealed class AuditCheckpoints(
    NpgsqlDataSource database,
    TokenKeys keys,
    IOptions<AuditOptions> options,
    TimeProvider clock,
    ILogger<AuditCheckpoints> log
) : BackgroundService
{
    /// <summary>Not the type of any token, so a checkpoint is never taken for one.</summary>
    public const string TokenType = "axis-audit+jwt";

    private readonly JsonWebTokenHandler _handler = new()
    {
        SetDefaultTimesOnTokenCreation = false,
    };

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TrySignAsync(cancellationToken);
    }

    /// <summary>Signs the head unless it is signed already. Several nodes may do so at once.</summary>
    public async Task SignAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var look = new NpgsqlCommand(
            """
            SELECT seq, hash FROM audit_head
            WHERE seq > 0 AND NOT EXISTS (SELECT 1 FROM audit_checkpoint c WHERE c.seq = audit_head.seq)
            """,
            connection
        );
        long seq;
        byte[] hash;
        await using (var reader = await look.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return;
            }
            seq = reader.GetInt64(0);
            hash = reader.GetFieldValue<byte[]>(1);
        }
        var at = clock.GetUtcNow();
        var jws = _handler.CreateToken(
            JsonSerializer.Serialize(
                new
                {
                    seq,
                    hash = Convert.ToHexStringLower(hash),
                    at = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                }
            ),
            new SigningCredentials(keys.Current.Signing, SecurityAlgorithms.EcdsaSha256),
            new Dictionary<string, object> { ["typ"] = TokenType }
        );
        await using var write = new NpgsqlCommand(
            "INSERT INTO audit_checkpoint (seq, at, jws) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            connection
        );
        write.Parameters.Add(new() { Value = seq });
        write.Parameters.Add(new() { Value = at });
        write.Parameters.Add(new() { Value = jws });
        if (await write.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            log.LogInformation("Audit checkpoint {Seq}: {Checkpoint}", seq, jws);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CheckpointInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TrySignAsync(stoppingToken);
        }
    }

    private async Task TrySignAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SignAsync(cancellationToken);
        }
        catch (Exception failure)
        {
            // Whatever it is: what leaves a background service would stop the whole hub.
            log.LogWarning("The audit log could not be signed: {Failure}", failure.Message);
        }
    }
}
