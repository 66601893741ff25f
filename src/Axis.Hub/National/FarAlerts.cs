using Axis.Hub.Access;
using Axis.Hub.National.Catalogue;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.National;

/// <summary>
/// Looks from time to time whether an axis needs somebody. Each alert has a beginning and an end, both in the log, in
/// the audit log and in the figures; and rows that are long at their end are forgotten here.
/// </summary>
internal sealed class FarAlerts(
    NpgsqlDataSource database,
    FarStatus status,
    FarLinks links,
    FarOutbox outbox,
    CatalogueRuns catalogues,
    AuditLog audit,
    FarMetrics metrics,
    IOptions<NationalOptions> options,
    TimeOrderedIds ids,
    TimeProvider clock,
    ILogger<FarAlerts> log
) : BackgroundService
{
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    // The index of open alerts lets one node begin it.
    private const string Begin = """
        INSERT INTO far_alert (id, axis, kind, detail, started_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        """;

    private const string End = """
        UPDATE far_alert SET ended_at = $3 WHERE axis = $1 AND kind = $2 AND ended_at IS NULL RETURNING started_at
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Axes.Count == 0)
        {
            return;
        }
        var forgotten = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var axis in options.Value.Axes.Keys)
                {
                    await LookAsync(axis, stoppingToken);
                }
                var now = clock.GetUtcNow();
                if (now - forgotten > ForgetInterval)
                {
                    await outbox.ForgetAsync(now - options.Value.KeepFor, stoppingToken);
                    forgotten = now;
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("The far axes could not be looked at: {Failure}", failure.Message);
            }
            await Task.Delay(options.Value.AlertInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(string axis, CancellationToken cancellationToken)
    {
        var counts = await status.CountAsync(axis, cancellationToken);
        var lag = counts.LagAt(clock.GetUtcNow());
        metrics.Waiting(axis, counts.Waiting, lag);
        foreach (var direction in (string[])[FarDirection.Out, FarDirection.In])
        {
            var link = await links.ReadAsync(axis, direction, cancellationToken);
            await SayAsync(
                axis,
                $"{direction}-down",
                link.IsOpen ? link.LastError ?? "" : null,
                cancellationToken
            );
        }
        await SayAsync(
            axis,
            "late",
            lag > options.Value.AlertAfter ? $"the oldest package waits for {lag}" : null,
            cancellationToken
        );
        await SayAsync(
            axis,
            "failed",
            counts.Failed > 0 ? $"{counts.Failed} packages were given up" : null,
            cancellationToken
        );
        await SayAsync(
            axis,
            "undeliverable",
            counts.Undeliverable > 0 ? $"{counts.Undeliverable} items wait to be settled" : null,
            cancellationToken
        );
        await SayAsync(
            axis,
            "catalogue",
            await catalogues.ComplaintAsync(axis, cancellationToken),
            cancellationToken
        );
        var ahead = TimeSpan.FromMilliseconds(counts.ClockAheadMs ?? 0);
        await SayAsync(
            axis,
            "clock",
            ahead.Duration() > options.Value.ClockTolerance ? $"its clock is {ahead} ahead" : null,
            cancellationToken
        );
    }

    /// <param name="detail">Null: there is nothing to complain of.</param>
    private async Task SayAsync(
        string axis,
        string kind,
        string? detail,
        CancellationToken cancellationToken
    )
    {
        metrics.Alert(axis, kind, detail is not null);
        var now = clock.GetUtcNow();
        if (detail is null)
        {
            await using var end = Command(End, axis, kind, now);
            if (await end.ExecuteScalarAsync(cancellationToken) is DateTime startedAt)
            {
                log.LogInformation("{Axis}: {Alert} has ended", axis, kind);
                Record(
                    new
                    {
                        axis,
                        kind,
                        startedAt,
                        ended = true,
                    }
                );
            }
            return;
        }
        await using var begin = Command(Begin, ids.Next(), axis, kind, detail, now);
        if (await begin.ExecuteNonQueryAsync(cancellationToken) > 0)
        {
            log.LogWarning("{Axis}: {Alert}, {Detail}", axis, kind, detail);
            Record(
                new
                {
                    axis,
                    kind,
                    detail,
                }
            );
        }
    }

    private void Record(object detail) =>
        audit.Record(AuditActions.NationalAlert, AuditOutcome.Ok, "hub", null, detail);

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
