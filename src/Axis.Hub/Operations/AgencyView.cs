using Axis.Hub.Registry;

namespace Axis.Hub.Operations;

/// <summary>An agency as operators see it.</summary>
public sealed record AgencyView(
    string Name,
    string? InCharge,
    string Kind,
    AgencyReach Reach,
    AgencyStatus Status,
    string? Email,
    string? Parent,
    IReadOnlyList<CodeView> Codes,
    string? OfficeSystem,
    DeliveryCounts Counts
)
{
    public static AgencyView Of(
        Agency agency,
        RegistrySnapshot registry,
        DeliveryCounts counts,
        DateTimeOffset at
    ) =>
        new(
            agency.Name,
            agency.InCharge,
            agency.Kind,
            agency.Reach,
            agency.Status,
            agency.Email,
            agency.ParentId is { } parent ? registry.AgencyById(parent)?.PrimaryCode : null,
            [.. agency.Codes.Select(CodeView.Of)],
            registry.OfficeSystemOf(agency.Id, at)?.Id,
            counts
        );
}

/// <summary>Times are absent where a code holds since ever or without a known end.</summary>
public sealed record CodeView(
    string Code,
    bool Primary,
    DateTimeOffset? ValidFrom,
    DateTimeOffset? ValidTo
)
{
    public static CodeView Of(AgencyCodeValidity code) =>
        new(
            code.Code,
            code.IsPrimary,
            code.ValidFrom == DateTimeOffset.MinValue ? null : code.ValidFrom,
            code.ValidTo == DateTimeOffset.MaxValue ? null : code.ValidTo
        );
}
