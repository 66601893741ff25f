using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.National.Catalogue;

/// <summary>Reads the catalogue of the national axis from time to time, on one node, when it is asked to.</summary>
internal sealed class CatalogueSchedule(
    NpgsqlDataSource database,
    CatalogueSync sync,
    CatalogueRuns runs,
    IOptions<NationalOptions> national,
    IOptions<CatalogueSyncOptions> options,
    TimeProvider clock,
    ILogger<CatalogueSchedule> log
) : BackgroundService
{
    private const string Actor = "hub";

    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var every = options.Value.Every;
        string[] axes =
        [
            .. national
                .Value.Axes.Where(axis => axis.Value.Kind == FarAxisKind.Vxp)
                .Select(axis => axis.Key),
        ];
        if (every == TimeSpan.Zero || axes.Length == 0)
        {
            return;
        }
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var axis in axes)
            {
                try
                {
                    await RunIfDueAsync(axis, every, stoppingToken);
                }
                catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
                {
                    // The next look tries again.
                    log.LogWarning(
                        "The catalogue of {Axis} could not be synchronised: {Failure}",
                        axis,
                        failure.Message
                    );
                }
            }
            await Task.Delay(every < LongestLook ? every : LongestLook, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunIfDueAsync(
        string axis,
        TimeSpan every,
        CancellationToken cancellationToken
    )
    {
        await using var runner = await SingleRunner.TryTakeAsync(
            database,
            SingleRunner.FarCatalogue,
            cancellationToken
        );
        if (
            runner is null
            || await runs.ReadAsync(axis, cancellationToken) is { } last
                && clock.GetUtcNow() - last.RanAt < every
        )
        {
            return;
        }
        var outcome = await sync.RunAsync(
            new CatalogueRequest(axis, Actor, Remote: null, options.Value.Apply),
            cancellationToken
        );
        log.LogInformation(
            "The catalogue of {Axis}: {Differences} differences, {SetAside} rows set aside, {Outcome}",
            axis,
            outcome.Changes.Count,
            outcome.SetAside.Count,
            outcome.Errors is [var error, ..] ? error.Message
                : outcome.Applied ? "applied"
                : "not applied"
        );
    }
}
