using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Routing;

namespace Axis.Hub.Acts;

/// <summary>
/// To whom a package goes: the agencies of <c>To</c>, and those that an update adds in its ReceiverList only.
/// </summary>
internal static class ActRecipients
{
    private const string Added =
        "TraceHeaderList/Bussiness/BussinessDocumentInfo/ReceiverList/Receiver/OrganId";

    public static IReadOnlyList<PlannedDelivery> Plan(
        DocumentHeader header,
        RegistrySnapshot registry,
        DateTimeOffset now,
        List<ErrorItem> errors
    )
    {
        var planned = Router.Plan(header.To, registry, now, errors);
        if (header.Business.Type != BusinessType.Update)
        {
            return planned;
        }
        var more = new List<ErrorItem>();
        var added = Router.Plan(
            [.. header.Business.ReceiversAdded.Select(PartyOf)],
            registry,
            now,
            more
        );
        errors.AddRange(more.Select(error => error with { Path = Added }));
        return
        [
            .. planned,
            .. added.Where(one => planned.All(named => named.Recipient.Id != one.Recipient.Id)),
        ];
    }

    /// <summary>
    /// Of what a far axis brings, only the recipients of this province: it brings the letter to all others itself, and
    /// sending it on would send it round in circles. Errors only when nobody here can be given it.
    /// </summary>
    public static IReadOnlyList<PlannedDelivery> PlanOwn(
        DocumentHeader header,
        RegistrySnapshot registry,
        DateTimeOffset now,
        List<ErrorItem> errors
    )
    {
        var others = new List<ErrorItem>();
        var planned = Plan(header, registry, now, others);
        PlannedDelivery[] own = [.. planned.Where(one => one.OfficeSystem is not null)];
        if (own.Length == 0)
        {
            errors.AddRange(
                others.Count > 0 ? others : [RoutingErrors.NotOfThisProvince.At("MessageHeader/To")]
            );
        }
        return own;
    }

    private static Party PartyOf(string code) =>
        new() { OrganId = code, Code = AgencyCode.TryParse(code, out var parsed) ? parsed : null };
}
