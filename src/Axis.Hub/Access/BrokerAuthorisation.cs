using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Access;

/// <summary>
/// What RabbitMQ's HTTP authorisation back end asks: may this user log in, enter this virtual host, use this object,
/// publish with this routing key. Users are office systems, the password is the client secret. The hub's own account
/// lives in the broker's internal back end and never comes here.
/// </summary>
public sealed class BrokerAuthorisation(
    RegistryCache registry,
    AuditLog audit,
    IOptions<AccessOptions> options,
    TimeProvider clock
)
{
    public bool MayLogIn(string username, string password)
    {
        var now = registry.Current;
        // Operators have no business on the broker, and an access token is no password.
        var allowed =
            ClientSecrets.Check(now, username, password, clock.GetUtcNow())
                is { Kind: HolderKind.OfficeSystem }
            && Find(username) is not null;
        if (!allowed)
        {
            audit.Record(
                AuditActions.BrokerLogin,
                AuditOutcome.Denied,
                now.OfficeSystem(username) is null ? "unknown" : username,
                remote: null
            );
        }
        return allowed;
    }

    public bool MayEnter(string username, string virtualHost) =>
        Find(username) is not null && virtualHost == options.Value.BrokerVirtualHost;

    public bool MayUse(
        string username,
        string virtualHost,
        string kind,
        string name,
        string permission
    ) =>
        Audited(
            username,
            MayEnter(username, virtualHost)
                && Permissions.CanUseBrokerObject(Find(username)!, kind, name, permission),
            new
            {
                kind,
                name,
                permission,
            }
        );

    public bool MayPublish(
        string username,
        string virtualHost,
        string exchange,
        string permission,
        string routingKey
    ) =>
        Audited(
            username,
            permission == "write"
                && MayEnter(username, virtualHost)
                && Permissions.CanPublish(Find(username)!, exchange, routingKey),
            new { exchange, routingKey }
        );

    // The registry is asked each time: a lock or a removal closes AMQP as it closes HTTP.
    private OfficeSystem? Find(string username) =>
        registry.Current.OfficeSystem(username) is { IsActive: true } system ? system : null;

    private bool Audited(string username, bool allowed, object what)
    {
        if (!allowed)
        {
            audit.Record(
                AuditActions.BrokerUse,
                AuditOutcome.Denied,
                registry.Current.OfficeSystem(username) is null ? "unknown" : username,
                remote: null,
                what
            );
        }
        return allowed;
    }
}
