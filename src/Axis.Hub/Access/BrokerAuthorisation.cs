using System.Net;
using Axis.Hub.Access.Keys;
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
    /// <param name="username">An office system's id, or the subject of a certificate.</param>
    /// <param name="password">
    /// Null when the broker sent none: it has checked a certificate against its authorities (SASL EXTERNAL), and the
    /// user is the certificate's subject. That is only taken for a name which no account can have.
    /// </param>
    public bool MayLogIn(string username, string? password)
    {
        var now = registry.Current;
        // Operators have no business on the broker, and an access token is no password.
        var proved = BrokerName.IsOne(username)
            ? password is null
            : ClientSecrets.Check(now, username, password ?? "", clock.GetUtcNow())
                is { Holder.Kind: HolderKind.OfficeSystem };
        var allowed = proved && Find(username) is not null;
        if (!allowed)
        {
            audit.RecordRefusal(AuditActions.BrokerLogin, ActorOf(username), null, "login");
        }
        return allowed;
    }

    /// <param name="username">As logged in.</param>
    /// <param name="virtualHost">The one that the connection opens.</param>
    /// <param name="remote">The connection's address, as the broker says it; empty when it does not.</param>
    public bool MayEnter(string username, string virtualHost, string remote) =>
        Audited(
            username,
            MayEnter(username, virtualHost)
                && Permissions.CanComeFrom(
                    Find(username)!,
                    IPAddress.TryParse(remote, out var address) ? address : null
                ),
            new { virtualHost, remote }
        );

    private bool MayEnter(string username, string virtualHost) =>
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

    /// <summary>Whether a user that the hub let in may still be there: who could not come in again may not.</summary>
    public bool MayStay(string username) =>
        Find(username) is { } system
        && (
            BrokerName.IsOne(username)
            || registry
                .Current.CredentialsOfOfficeSystem(system.Id)
                .Any(credential => clock.GetUtcNow() < credential.NotAfter)
        );

    /// <summary>Whose user that is; null when nobody's who is active.</summary>
    public OfficeSystem? OfficeSystemOf(string username) => Find(username);

    // The registry is asked each time: a lock or a removal closes AMQP as it closes HTTP.
    private OfficeSystem? Find(string username)
    {
        var now = registry.Current;
        var id = BrokerName.IsOne(username)
            ? now.ClientKeys.OfficeSystemNamed(username, clock.GetUtcNow())
            : username;
        return id is not null && now.OfficeSystem(id) is { IsActive: true } system ? system : null;
    }

    // What a stranger gives as his name stays out of the log.
    private string ActorOf(string username) =>
        registry.Current.OfficeSystem(username)?.Id
        ?? registry.Current.ClientKeys.OfficeSystemNamed(username, clock.GetUtcNow())
        ?? "unknown";

    private bool Audited(string username, bool allowed, object what)
    {
        if (!allowed)
        {
            audit.RecordRefusal(
                AuditActions.BrokerUse,
                ActorOf(username),
                null,
                what.ToString()!,
                what
            );
        }
        return allowed;
    }
}
