using Axis.Hub.Access;
using Axis.Hub.Acts;
using Axis.Hub.Deadlines;
using Axis.Hub.Delivery;
using Axis.Hub.Delivery.Replays;
using Axis.Hub.Events;
using Axis.Hub.Intake;
using Axis.Hub.Intake.Uploads;
using Axis.Hub.National;
using Axis.Hub.National.Catalogue;
using Axis.Hub.Registry.Editing;
using Axis.Hub.Routing;
using Axis.Hub.Statuses;
using Axis.Hub.Vxp;

namespace Axis.Hub.Errors;

/// <summary>Every error the hub can answer with, beside the format rules 1000–1999 of Axis.EdXml.</summary>
public static class ErrorCatalogue
{
    public static IReadOnlyList<HubError> All { get; } =
    [
        .. AccessErrors.All,
        .. RoutingErrors.All,
        .. ReplayErrors.All,
        .. RegistryErrors.All,
        .. CatalogueErrors.All,
        .. FarErrors.All,
        .. SubmissionErrors.All,
        .. StatusErrors.All,
        .. DeliveryErrors.All,
        .. ActErrors.All,
        .. EventErrors.All,
        .. DeadlineErrors.All,
        .. VxpErrors.All,
        .. RequestErrors.All,
        .. UploadErrors.All,
        .. HubErrors.All,
    ];
}
