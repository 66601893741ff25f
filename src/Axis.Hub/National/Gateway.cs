using Axis.Hub.Delivery;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.National;

/// <summary>
/// Runs the exchange with every far axis: one loop outward, one for each list inward. Without an axis it does nothing.
/// </summary>
internal sealed class Gateway(
    FarAxisFactory factory,
    FarAxes axes,
    FarClaims claims,
    FarOutbox outbox,
    FarLinks links,
    FarInwardStore store,
    InwardAcceptance acceptance,
    PayloadStore payloads,
    RegistryCache registry,
    InboxSignal bells,
    NpgsqlDataSource database,
    FarMetrics metrics,
    IOptions<NationalOptions> options,
    TimeProvider clock,
    ICrashPoints crash,
    ILogger<Gateway> log
) : BackgroundService
{
    /// <summary>Rung when a delivery for a national agency was accepted.</summary>
    public const string Bell = FarAxes.Mark;

    private NationalOptions Options => options.Value;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var loops = new List<Task>();
        foreach (var name in axes.Names)
        {
            var calls = factory.CallsOf(name);
            var outward = new Outward(
                calls,
                new FarGathering(database, registry, axes, clock),
                claims,
                outbox,
                links,
                payloads,
                metrics,
                Options,
                clock,
                log
            );
            loops.Add(SendAsync(name, outward, stoppingToken));
            foreach (var kind in (FarKind[])[FarKind.Document, FarKind.Status])
            {
                var inward = new Inward(
                    calls,
                    kind,
                    links,
                    store,
                    acceptance,
                    database,
                    new ItemTroubles(Options, clock),
                    metrics,
                    Options,
                    crash,
                    log
                );
                loops.Add(PollAsync(name, inward, stoppingToken));
            }
            log.LogInformation("The gateway to {Axis} is open", name);
        }
        return Task.WhenAll(loops);
    }

    private async Task SendAsync(string axis, Outward outward, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var letters = bells.BellOf(Bell);
            var news = bells.BellOf(FarAxes.SystemIdOf(axis));
            var more = await TryAsync(axis, () => outward.RoundAsync(stopping), stopping);
            if (!more)
            {
                await PauseAsync(Options.LookInterval, stopping, letters, news);
            }
        }
    }

    private async Task PollAsync(string axis, Inward inward, CancellationToken stopping)
    {
        var rhythm = new PollRhythm(Options.ShortestPoll, Options.LongestPoll);
        while (!stopping.IsCancellationRequested)
        {
            var took = await TryAsync(axis, () => inward.RoundAsync(stopping), stopping);
            if (rhythm.After(took) is var pause && pause > TimeSpan.Zero)
            {
                await PauseAsync(pause * Backoff.Jitter(), stopping);
            }
        }
    }

    private async Task<T> TryAsync<T>(string axis, Func<Task<T>> round, CancellationToken stopping)
        where T : struct
    {
        try
        {
            return await round();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return default;
        }
        catch (Exception failure)
        {
            // Rows hold what is left to do; the next round meets it.
            log.LogWarning("The gateway to {Axis} waits: {Failure}", axis, failure.Message);
            return default;
        }
    }

    private async Task PauseAsync(TimeSpan longest, CancellationToken stopping, params Task[] bells)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny([Task.Delay(longest, clock, pause.Token), .. bells]);
        await pause.CancelAsync();
    }
}
