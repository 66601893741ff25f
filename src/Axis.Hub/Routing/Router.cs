using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.Hub.Registry;

namespace Axis.Hub.Routing;

/// <summary>Where one delivery goes.</summary>
/// <param name="RecipientCode">As the sender wrote it; statuses and answers use it.</param>
/// <param name="OfficeSystem">The inbox; null on the route to the national axis.</param>
/// <param name="Substitution">When the code named another agency, or has ended; null in the normal case.</param>
public sealed record PlannedDelivery(
    string RecipientCode,
    Agency Recipient,
    OfficeSystem? OfficeSystem,
    Substitution? Substitution
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
/// code (the national axis adds such doubles) or by codes of agencies it succeeded, is one delivery, under the code that
/// stands first.
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
            if (PlanOne(code.Value, registry, now, out var delivery) is { } error)
            {
                errors.Add(
                    error with
                    {
                        Path = $"MessageHeader/To[{i + 1}]/OrganId",
                        Value = code.Value,
                    }
                );
            }
            else if (seen.Add(delivery!.Recipient.Id))
            {
                planned.Add(delivery);
            }
        }
        return planned;
    }

    private static ErrorItem? PlanOne(
        string code,
        RegistrySnapshot registry,
        DateTimeOffset now,
        out PlannedDelivery? delivery
    )
    {
        delivery = null;
        switch (registry.Resolve(code, now))
        {
            case Resolution.Unknown:
                return RoutingErrors.UnknownRecipient.At(null, null, code);
            case Resolution.Nobody:
                return RoutingErrors.ClosedRecipient.At(null, null, code);
            case Resolution.Several several:
                return RoutingErrors.DividedRecipient.At(
                    null,
                    null,
                    code,
                    string.Join(
                        ", ",
                        several.Successors.Select(one => $"{one.PrimaryCode} ({one.Name})")
                    )
                );
            case Resolution.One { Agency: var agency, Substitution: var substitution }:
                if (agency.Kind == NodeKind)
                {
                    return RoutingErrors.NodeAsRecipient.At(null, null, code);
                }
                if (agency.Status == AgencyStatus.Locked)
                {
                    return RoutingErrors.LockedRecipient.At(null, null, code);
                }
                var officeSystem =
                    agency.Reach == AgencyReach.National
                        ? null
                        : registry.OfficeSystemOf(agency.Id, now);
                if (officeSystem is null && agency.Reach != AgencyReach.National)
                {
                    return RoutingErrors.RecipientWithoutOfficeSystem.At(null, null, code);
                }
                delivery = new PlannedDelivery(code, agency, officeSystem, substitution);
                return null;
            default:
                throw new InvalidOperationException($"Unknown resolution of {code}");
        }
    }
}
