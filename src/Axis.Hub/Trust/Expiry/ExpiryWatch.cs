using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Trust.Expiry;

/// <summary>
/// Tells of registered certificates that near their end: an audit line 60, 30, 14 and 3 days before, once for each
/// threshold and certificate however many nodes look, and a figure of how many are that near.
/// </summary>
public sealed class ExpiryWatch(
    NpgsqlDataSource database,
    RegistryCache registry,
    HubMetrics metrics,
    IOptions<TrustOptions> options,
    TimeProvider clock,
    ILogger<ExpiryWatch> log
) : BackgroundService
{
    /// <summary>Differs from the other advisory locks of the hub (Migrator).</summary>
    private const long LockKey = 0x41584953_0013;

    private static readonly int[] Days = [60, 30, 14, 3];

    // A certificate that is registered when little of it is left passes several thresholds at once: the nearest is told.
    private const string Notice = """
        WITH due AS (
            INSERT INTO certificate_notice (agency_id, thumbprint, days, at)
            SELECT c.agency_id, c.thumbprint, t.days, $1
            FROM certificate c JOIN unnest($2) AS t (days) ON c.not_after <= $1 + make_interval(days => t.days)
            WHERE c.not_after > $1 AND c.revoked_at > $1
            ORDER BY 1, 2, 3
            ON CONFLICT DO NOTHING
            RETURNING agency_id, thumbprint, days
        ),
        nearest AS (
            SELECT agency_id, thumbprint, min(days) AS days FROM due GROUP BY agency_id, thumbprint
        )
        INSERT INTO audit (at, actor, action, outcome, detail)
        SELECT $1, 'hub', 'certificate.expiring', 'ok', jsonb_build_object(
            'agency', (SELECT a.code FROM agency_code a WHERE a.agency_id = n.agency_id
                ORDER BY a.is_primary DESC, a.valid_to DESC LIMIT 1),
            'thumbprint', encode(n.thumbprint, 'hex'), 'subject', c.subject, 'notAfter', c.not_after, 'days', n.days,
            'replaced', EXISTS (SELECT FROM certificate o WHERE o.agency_id = c.agency_id
                AND o.not_after > c.not_after AND o.revoked_at > $1))
        FROM nearest n JOIN certificate c USING (agency_id, thumbprint)
        ORDER BY c.not_after, n.thumbprint
        """;

    /// <summary>Looks once. Does nothing when another node is looking.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var days in Days)
        {
            var expiring = RegisteredCertificates.ExpiringWithin(registry.Current, days, now);
            metrics.CertificatesExpiring(days, expiring.Count(one => !one.Replaced));
        }
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var look = new NpgsqlCommand(
            "SELECT pg_try_advisory_xact_lock($1)",
            connection
        );
        look.Parameters.Add(new() { Value = LockKey });
        if (await look.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return;
        }
        await using var notice = new NpgsqlCommand(Notice, connection);
        notice.Parameters.Add(new() { Value = now });
        notice.Parameters.Add(new() { Value = Days });
        var told = await notice.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (told > 0)
        {
            log.LogWarning(
                "{Count} registered certificates near their end; see the audit log",
                told
            );
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ExpiryInterval, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Days lie between two thresholds; the next look is soon enough.
                log.LogWarning(
                    "Expiring certificates were not looked for: {Failure}",
                    failure.Message
                );
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
