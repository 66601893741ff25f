using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.Hub.Registry;

namespace Axis.Hub.Routing;

/// <summary>Where one delivery goes.</summary>
/// <param name="RecipientCode">As the sender wrote it; statuses and answers use it.</param>
/// <param name="OfficeSystem">The inbox; null on the route to the national axis.</param>
public sealed record PlannedDelivery(
    string RecipientCode,
    Agency Recipient,
    OfficeSystem? OfficeSystem
)
{
    public string Route => OfficeSystem is null ? RouteNames.National : RouteNames.OfficeSystem;
}

public static class RouteNames
{
    public const string OfficeSystem = "office_system";
    public const string National = "national";
}

/// <summary>
/// Recipients to routes: one delivery per distinct recipient agency. An agency named twice, by its old and its new
/// code (the national axis adds such doubles), is one delivery, under the code that stands first.
/// </summary>
public static class Router
{
    // A node of the exchange (00.53.W00) appears in trace headers and never receives letters.
    private const string NodeKind = "axis";

    public static IReadOnlyList<PlannedDelivery> Plan(
        IReadOnlyList<Party> recipients,
        RegistrySnapshot registry,
        DateTimeOffset now,
        List<ErrorItem> errors
    )
    {
        var planned = new List<PlannedDelivery>(recipients.Count);
        var seen = new HashSet<Guid>();
        for (var i = 0; i < recipients.Count; i++)
        {
            // A recipient without a readable code is a finding of the format rules already.
            if (recipients[i].Code is not { } code)
            {
                continue;
            }
            var path = $"MessageHeader/To[{i + 1}]/OrganId";
            if (!registry.TryFindAgency(code.Value, now, out var agency))
            {
                errors.Add(RoutingErrors.UnknownRecipient.At(path, code.Value, code.Value));
            }
            else if (agency.Kind == NodeKind)
            {
                errors.Add(RoutingErrors.NodeAsRecipient.At(path, code.Value, code.Value));
            }
            else if (agency.Status == AgencyStatus.Closed)
            {
                errors.Add(RoutingErrors.ClosedRecipient.At(path, code.Value, code.Value));
            }
            else if (agency.Status == AgencyStatus.Locked)
            {
                errors.Add(RoutingErrors.LockedRecipient.At(path, code.Value, code.Value));
            }
            else if (agency.Reach == AgencyReach.National)
            {
                if (seen.Add(agency.Id))
                {
                    planned.Add(new PlannedDelivery(code.Value, agency, null));
                }
            }
            else if (registry.OfficeSystemOf(agency.Id, now) is { } officeSystem)
            {
                if (seen.Add(agency.Id))
                {
                    planned.Add(new PlannedDelivery(code.Value, agency, officeSystem));
                }
            }
            else
            {
                errors.Add(
                    RoutingErrors.RecipientWithoutOfficeSystem.At(path, code.Value, code.Value)
                );
            }
        }
        return planned;
    }
}
