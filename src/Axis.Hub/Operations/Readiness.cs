using System.Reflection;
using Axis.Hub.Broker;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Operations;

/// <summary>Whether this node should be sent work, and if not, why.</summary>
public sealed class Readiness(
    NpgsqlDataSource database,
    RegistryCache registry,
    BrokerConnection broker,
    IHostApplicationLifetime lifetime,
    Drain drain,
    IOptions<OperationsOptions> options,
    ILogger<Readiness> log
)
{
    private static readonly int Migrations = Assembly
        .GetExecutingAssembly()
        .GetManifestResourceNames()
        .Count(name => name.StartsWith("Axis.Hub.Storage.Migrations.", StringComparison.Ordinal));

    public async Task<ReadinessReport> CheckAsync(CancellationToken cancellationToken)
    {
        var databaseCheck = await CheckDatabaseAsync(cancellationToken);
        var brokerCheck = Check("rabbitmq", broker.IsOpen, "no connection");
        ReadinessCheck[] checks =
        [
            Check(
                "running",
                !lifetime.ApplicationStopping.IsCancellationRequested
                    && !drain.Started.IsCancellationRequested,
                "the hub is stopping and takes nothing new"
            ),
            databaseCheck,
            Check("registry", registry.IsLoaded, "not loaded yet"),
            brokerCheck,
        ];
        var ready = checks.All(check =>
            check.Status == CheckStatus.Ok
            || (check == brokerCheck && options.Value.ReadyWithoutBroker)
        );
        return new(ready ? ReadinessStatus.Ready : ReadinessStatus.NotReady, checks);
    }

    private async Task<ReadinessCheck> CheckDatabaseAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.ReadinessTimeout);
        try
        {
            await using var command = database.CreateCommand(
                "SELECT count(*) FROM schema_migration"
            );
            var applied = (long)(await command.ExecuteScalarAsync(limit.Token))!;
            // More than ours: a newer hub has been here, and migrations keep the running version working.
            return Check("postgresql", applied >= Migrations, "the schema is not migrated yet");
        }
        catch (Exception failure)
            when (failure is OperationCanceledException || StoreFaults.MayPass(failure))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The message may name hosts and users; it is for the log, not for whoever asks.
            log.LogWarning(
                "The readiness check cannot reach the database: {Failure}",
                failure.Message
            );
            return Check("postgresql", false, "not in reach");
        }
    }

    private static ReadinessCheck Check(string name, bool isOk, string otherwise) =>
        isOk ? new(name, CheckStatus.Ok, null) : new(name, CheckStatus.Failed, otherwise);
}

public enum ReadinessStatus
{
    Ready,
    NotReady,
}

public enum CheckStatus
{
    Ok,
    Failed,
}

public sealed record ReadinessReport(ReadinessStatus Status, IReadOnlyList<ReadinessCheck> Checks);

public sealed record ReadinessCheck(string Name, CheckStatus Status, string? Detail);
