using Axis.Hub.Access.Limits;
using Axis.Hub.Broker;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Access;

/// <summary>
/// Closes the AMQP connections of whoever lost his right to them: at once when the registry changes, and by a sweep over
/// what is open, for what was missed. RabbitMQ asks the hub only when somebody comes.
/// </summary>
/// <remarks>
/// The broker does not tell which secret or certificate a connection came in by. So when an office system loses any proof
/// that was in force, all its connections are closed; with another proof it is back in a moment.
/// </remarks>
public sealed class RevokedConnections(
    OpenConnections open,
    BrokerAuthorisation authorisation,
    RegistryCache registry,
    RequestLimits limits,
    AuditLog audit,
    IOptions<AccessOptions> options,
    TimeProvider clock,
    ILogger<RevokedConnections> log
) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!open.CanBeAsked)
        {
            log.LogWarning(
                "{Section}:{Option} is not set: AMQP connections of locked office systems stay open until they end by "
                    + "themselves",
                BrokerOptions.Section,
                nameof(BrokerOptions.ManagementUri)
            );
            return;
        }
        var known = Proofs.Of(registry.Current, clock.GetUtcNow());
        var sweptAt = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(LookInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                var now = Proofs.Of(registry.Current, clock.GetUtcNow());
                foreach (var user in known.UsersWhoLost(now))
                {
                    await CloseAsync(
                        await open.OfUserAsync(user, stoppingToken),
                        "access ended",
                        stoppingToken
                    );
                }
                // Only now: what could not be closed is tried again.
                known = now;
                if (clock.GetElapsedTime(sweptAt) >= options.Value.ConnectionSweep)
                {
                    var all = await open.OfOfficeSystemsAsync(stoppingToken);
                    await CloseAsync(
                        all.Where(connection => !authorisation.MayStay(connection.User)),
                        "no access",
                        stoppingToken
                    );
                    await CloseAsync(Surplus(all), "too many connections", stoppingToken);
                    sweptAt = clock.GetTimestamp();
                }
            }
            catch (Exception failure)
            {
                // Whatever it is: what leaves a background service would stop the whole hub.
                if (!stoppingToken.IsCancellationRequested)
                {
                    log.LogWarning(
                        "Connections could not be closed, next try soon: {Failure}",
                        failure.Message
                    );
                }
            }
        }
    }

    private IEnumerable<OpenConnection> Surplus(IEnumerable<OpenConnection> all) =>
        all.GroupBy(connection => authorisation.OfficeSystemOf(connection.User))
            .Where(group => group.Key is not null)
            // The oldest stay: who is at work is not thrown out by who comes.
            .SelectMany(group =>
                group.OrderBy(connection => connection.Since).Skip(limits.AtATime(group.Key!))
            );

    private async Task CloseAsync(
        IEnumerable<OpenConnection> connections,
        string reason,
        CancellationToken cancellationToken
    )
    {
        foreach (var connection in connections)
        {
            await open.CloseAsync(connection, $"Axis: {reason}", cancellationToken);
            audit.Record(
                AuditActions.CloseConnections,
                AuditOutcome.Ok,
                "hub",
                remote: null,
                new
                {
                    connection.User,
                    connection = connection.Name,
                    reason,
                }
            );
        }
    }

    /// <summary>By which users each office system may be on the broker, and what proves it, at one moment.</summary>
    private sealed record Proofs(Dictionary<string, HashSet<string>> OfUser)
    {
        public static Proofs Of(RegistrySnapshot registry, DateTimeOffset at)
        {
            var ofUser = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
            foreach (var system in registry.OfficeSystems.Where(system => system.IsActive))
            {
                ofUser[system.Id] =
                [
                    .. registry
                        .CredentialsOfOfficeSystem(system.Id)
                        .Where(credential => at < credential.NotAfter)
                        .Select(credential => Convert.ToHexString(credential.SecretSha256.Span)),
                ];
                foreach (
                    var key in registry
                        .ClientKeys.Of(system.Id)
                        .Where(key => key.IsCertificate && key.IsInForceAt(at))
                )
                {
                    (
                        ofUser.TryGetValue(key.Name, out var proofs)
                            ? proofs
                            : ofUser[key.Name] = new(StringComparer.Ordinal)
                    ).Add(Convert.ToHexString(key.Thumbprint.Span));
                }
            }
            return new Proofs(ofUser);
        }

        public IEnumerable<string> UsersWhoLost(Proofs now) =>
            OfUser
                .Where(user =>
                    !now.OfUser.TryGetValue(user.Key, out var proofs)
                    || !user.Value.IsSubsetOf(proofs)
                )
                .Select(user => user.Key);
    }
}
