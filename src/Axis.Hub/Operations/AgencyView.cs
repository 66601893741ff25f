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
    int? Level,
    DateTimeOffset? ClosedAt,
    IReadOnlyList<SuccessorView> Successors,
    IReadOnlyList<ContactView> Contacts,
    IReadOnlyList<CodeView> Codes,
    string? OfficeSystem,
    DeliveryCounts Counts
)
{
    public static AgencyView Of(
        Agency agency,
        RegistrySnapshot registry,
        DeliveryCounts counts,
        IReadOnlyList<ContactView> contacts,
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
            agency.Level == 0 ? null : agency.Level,
            agency.ClosedAt > DateTimeOffset.MinValue && agency.ClosedAt < DateTimeOffset.MaxValue
                ? agency.ClosedAt
                : null,
            [
                .. agency.Successions.Select(succession => new SuccessorView(
                    registry.AgencyById(succession.SuccessorId)?.PrimaryCode ?? "",
                    succession.Kind,
                    succession.EffectiveAt
                )),
            ],
            contacts,
            [.. agency.Codes.Select(CodeView.Of)],
            registry.OfficeSystemOf(agency.Id, at)?.Id,
            counts
        );
}

public sealed record SuccessorView(string Agency, SuccessionKind Kind, DateTimeOffset EffectiveAt);

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
