using System.Net;
using Axis.Hub.Broker;
using Axis.Hub.Registry;
using Axis.Hub.Vxp;

namespace Axis.Hub.Access;

/// <summary>
/// The one place that decides who may do what. Whatever is not allowed here is denied. For queries it makes a scope
/// (<see cref="Sees"/>, <see cref="Collects"/>) that the statement carries; nothing is filtered afterwards.
/// </summary>
public static class Permissions
{
    /// <summary>Send packages and report statuses in the name of an agency.</summary>
    public static bool CanSpeakFor(OfficeSystem system, Agency agency) =>
        system.IsActive
        && agency.Status == AgencyStatus.Active
        && system.Agencies.Contains(agency.Id);

    /// <summary>
    /// The letters an office system may look at: of a package that one of its agencies sent, everything; of a package
    /// that one of its agencies received, the package and its own deliveries. Closed agencies that its own succeeded
    /// count as its own here.
    /// </summary>
    public static Sees Letters(OfficeSystem system) =>
        new(system.IsActive ? [.. system.Agencies, .. system.Inherited] : []);

    /// <summary>The letters an operator may look at: a viewer all, others none.</summary>
    public static Sees Letters(OperatorCaller caller) =>
        new(CanUse(caller, OperatorRoles.Viewer) ? null : []);

    /// <summary>
    /// What an office system fetches and acknowledges: the deliveries that are in its inbox, and its events. When an
    /// agency changes its office system, what was not collected follows it.
    /// </summary>
    public static Collects Inbox(OfficeSystem system) => new(system.IsActive ? system.Id : "");

    /// <summary>Use the VXP door: the system's own client, while it is switched on at all.</summary>
    public static bool CanUseVxp(OfficeSystem system, VxpClient client) =>
        system.IsActive && client.OfficeSystemId == system.Id && client.Access != VxpAccess.Off;

    /// <summary>Send documents over the VXP door; status reports need no more than the door.</summary>
    public static bool CanSendOverVxp(OfficeSystem system, VxpClient client) =>
        CanUseVxp(system, client) && client.Access == VxpAccess.On;

    /// <summary>
    /// Come from an address. Without a list of networks from anywhere; with one, an unknown address is none of them.
    /// </summary>
    public static bool CanComeFrom(OfficeSystem system, IPAddress? address)
    {
        if (system.Limits.AllowedNetworks.Count == 0)
        {
            return true;
        }
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is not null
            && system.Limits.AllowedNetworks.Any(network => network.Contains(plain));
    }

    /// <summary>What webhooks of the IT centre may tell: everything, for whoever set them up may see everything.</summary>
    public static Sees OfTheCentre() => new(null);

    /// <summary>Go on hearing events on a stream that was opened before: what let it open must still hold.</summary>
    public static bool MayGoOn(RegistrySnapshot registry, Caller caller, DateTimeOffset at) =>
        (caller.Token is not { } token || Callers.IsInForce(registry, token, at))
        && caller switch
        {
            OfficeSystemCaller system => registry.OfficeSystem(system.Id) is { IsActive: true },
            OperatorCaller person => registry.Operator(person.Id) is { IsActive: true } today
                && today.Roles.HasFlag(OperatorRoles.Viewer),
            _ => false,
        };

    public static bool CanUse(OperatorCaller caller, OperatorRoles role) =>
        role != OperatorRoles.None && caller.Roles.HasFlag(role);

    /// <summary>
    /// Use an object of the broker. Writing to <see cref="Topology.SubmitExchange"/> is further narrowed by
    /// <see cref="CanPublish"/>. Nobody configures: the hub alone declares objects, with its own account.
    /// </summary>
    public static bool CanUseBrokerObject(
        OfficeSystem system,
        string kind,
        string name,
        string permission
    ) =>
        system.IsActive
        && (kind, permission) switch
        {
            ("exchange", "write") => name == Topology.SubmitExchange,
            ("queue", "read") => name == Topology.Inbox(system.Id, urgent: false)
                || name == Topology.Inbox(system.Id, urgent: true)
                || name == Topology.Events(system.Id),
            _ => false,
        };

    /// <summary>
    /// Publish with a routing key. The hub takes the office system of a message from its routing key, so this is what
    /// makes it true.
    /// </summary>
    public static bool CanPublish(OfficeSystem system, string exchange, string routingKey) =>
        system.IsActive
        && exchange == Topology.SubmitExchange
        && (
            routingKey == Topology.SubmitPrefix + system.Id
            || routingKey == Topology.AckPrefix + system.Id
        );
}
