using Axis.Hub.Broker;
using Axis.Hub.Registry;

namespace Axis.Hub.Access;

/// <summary>
/// The one place that decides who may do what. Whatever is not allowed here is denied. Queries narrow by the office
/// system's id or agencies first; these answers are what they narrow to.
/// </summary>
public static class Permissions
{
    /// <summary>Send packages and report statuses in the name of an agency.</summary>
    public static bool CanSpeakFor(OfficeSystem system, Agency agency) =>
        system.IsActive
        && agency.Status == AgencyStatus.Active
        && system.Agencies.Contains(agency.Id);

    /// <summary>
    /// See a package and its bytes: the sender and every recipient may. <paramref name="recipientAgencyIds"/> are all
    /// agencies it has a delivery for.
    /// </summary>
    public static bool CanSeePackage(
        OfficeSystem system,
        Guid senderAgencyId,
        IEnumerable<Guid> recipientAgencyIds
    ) =>
        system.IsActive
        && (
            system.Agencies.Contains(senderAgencyId)
            || recipientAgencyIds.Any(system.Agencies.Contains)
        );

    /// <summary>
    /// See a delivery, its state and history: the sender sees all deliveries of its package, a recipient only its own.
    /// </summary>
    public static bool CanSeeDelivery(
        OfficeSystem system,
        Guid senderAgencyId,
        Guid recipientAgencyId
    ) =>
        system.IsActive
        && (
            system.Agencies.Contains(senderAgencyId) || system.Agencies.Contains(recipientAgencyId)
        );

    /// <summary>
    /// Fetch and acknowledge a delivery: only the office system into whose inbox it was routed. When an agency changes
    /// its office system, what was routed before stays with the old inbox.
    /// </summary>
    public static bool CanCollect(OfficeSystem system, string? inboxOfficeSystemId) =>
        system.IsActive && system.Id == inboxOfficeSystemId;

    /// <summary>Report statuses 01 to 06, 15 and 16 about a delivery: only its recipient.</summary>
    public static bool CanReportAsRecipient(
        OfficeSystem system,
        Agency reporter,
        Guid recipientAgencyId
    ) => CanSpeakFor(system, reporter) && reporter.Id == recipientAgencyId;

    /// <summary>Report status 13 (recall) about a delivery: only the sender of the package.</summary>
    public static bool CanReportAsSender(
        OfficeSystem system,
        Agency reporter,
        Guid senderAgencyId
    ) => CanSpeakFor(system, reporter) && reporter.Id == senderAgencyId;

    /// <summary>Read and acknowledge an event, and read the status package behind it.</summary>
    public static bool CanSeeEvent(OfficeSystem system, string eventOfficeSystemId) =>
        system.IsActive && system.Id == eventOfficeSystemId;

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
