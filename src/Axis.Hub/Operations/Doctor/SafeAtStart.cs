using Axis.Hub.Storage;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Operations.Doctor;

/// <summary>
/// Refuses to start on a database that does not keep what it commits: every receipt would be a promise nobody keeps.
/// Before anything else, so that an unsafe hub does not even migrate.
/// </summary>
public sealed class SafeAtStart(
    DatabaseExamination database,
    IOptions<StorageOptions> options,
    ILogger<SafeAtStart> log
) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var wrong = (await database.ExamineDurabilityAsync(cancellationToken))
            .Where(finding => finding.Health == Health.Unsafe)
            .ToArray();
        foreach (var finding in wrong)
        {
            log.LogCritical(
                "Unsafe: {Subject} is {Found}. {Mend}",
                finding.Subject,
                finding.Found,
                finding.Mend
            );
        }
        if (wrong.Length > 0 && !options.Value.AllowUnsafeDatabase)
        {
            throw new UnsafeDatabaseException(
                "The hub does not start on a database that loses what it commits. "
                    + string.Join(
                        " ",
                        wrong.Select(one => $"{one.Subject}: {one.Found}. {one.Mend}")
                    )
                    + " For tests that claim no durability, Storage:AllowUnsafeDatabase lets it start."
            );
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

public sealed class UnsafeDatabaseException(string message) : Exception(message);
