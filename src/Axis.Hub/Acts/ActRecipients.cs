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

    private static Party PartyOf(string code) =>
        new() { OrganId = code, Code = AgencyCode.TryParse(code, out var parsed) ? parsed : null };
}
