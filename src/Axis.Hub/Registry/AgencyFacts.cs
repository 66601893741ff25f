using Axis.EdXml;

namespace Axis.Hub.Registry;

/// <summary>
/// One agency with everything that hangs on it, as the tables say and for all time. The unit in which a snapshot
/// changes; an <see cref="Agency"/> is these facts as of an instant.
/// </summary>
internal sealed record AgencyFacts(
    AgencyRow Row,
    AgencyCodeValidity[] Codes,
    ServiceRow[] Services,
    CertificateRow[] Certificates,
    Succession[] Successions,
    AgencyPlan[] Plans
)
{
    public Guid Id => Row.Id;

    /// <summary>Closing by status knows no date: it holds at every instant.</summary>
    public DateTimeOffset ClosedAt =>
        Row.Status == AgencyStatus.Closed ? DateTimeOffset.MinValue : Row.ClosedAt;

    /// <summary>The office system that speaks for the agency at an instant; null when none does.</summary>
    public string? ServedBy(DateTimeOffset at)
    {
        foreach (var service in Services)
        {
            if (service.Since <= at && at < service.Until)
            {
                return service.OfficeSystemId;
            }
        }
        return null;
    }

    public Agency At(DateTimeOffset at)
    {
        var codes = ShownFirst(at);
        var (name, parent) = (Row.Name, Row.ParentId);
        foreach (var plan in Plans)
        {
            if (plan.EffectiveAt <= at)
            {
                (name, parent) = (plan.Name ?? name, plan.ParentId ?? parent);
            }
        }
        // An agency without any code cannot be addressed, but it can be the parent of others.
        var primary = codes.Length == 0 ? "" : codes[0].Code;
        return new Agency(
            Row.Id,
            primary,
            codes,
            name,
            Row.Reach,
            ClosedAt <= at ? AgencyStatus.Closed : Row.Status,
            Row.Kind,
            Row.InCharge,
            parent,
            Row.Email,
            Row.Level ?? (AgencyCode.TryParse(primary, out var code) ? code.Level : 0)
        )
        {
            Facts = this,
        };
    }

    /// <summary>The first instant after this one at which something of the agency begins or ends.</summary>
    public DateTimeOffset FirstEdgeAfter(DateTimeOffset instant)
    {
        var first = DateTimeOffset.MaxValue;
        Consider(Row.ClosedAt);
        foreach (var code in Codes)
        {
            Consider(code.ValidFrom);
            Consider(code.ValidTo);
        }
        foreach (var service in Services)
        {
            Consider(service.Since);
            Consider(service.Until);
        }
        foreach (var succession in Successions)
        {
            Consider(succession.EffectiveAt);
        }
        foreach (var plan in Plans)
        {
            Consider(plan.EffectiveAt);
        }
        return first;

        void Consider(DateTimeOffset edge)
        {
            if (edge > instant && edge < first)
            {
                first = edge;
            }
        }
    }

    private AgencyCodeValidity[] ShownFirst(DateTimeOffset at)
    {
        if (Codes.Length < 2)
        {
            return Codes;
        }
        return
        [
            .. Codes
                .OrderByDescending(code => code.IsPrimary && code.IsValidAt(at))
                .ThenByDescending(code => code.IsValidAt(at))
                .ThenByDescending(code => code.IsPrimary && code.ValidFrom <= at)
                .ThenByDescending(code => code.ValidFrom <= at)
                .ThenByDescending(code => code.ValidFrom)
                .ThenBy(code => code.Code, StringComparer.Ordinal),
        ];
    }
}
