namespace Axis.Hub.Registry;

/// <summary>Where an agency is reached.</summary>
public enum AgencyReach
{
    /// <summary>In this province: an office system connected to this hub serves it.</summary>
    Province,

    /// <summary>Elsewhere in the country: over the national axis.</summary>
    National,
}

public enum AgencyStatus
{
    Active,

    /// <summary>Neither sends nor receives for the time being.</summary>
    Locked,

    /// <summary>Dissolved or merged; its codes stay known, so that old letters can still be read.</summary>
    Closed,
}

/// <summary>A body with one or more identifier codes.</summary>
/// <remarks>
/// <c>PrimaryCode</c> is the code shown to people, <c>Name</c>, <c>ParentId</c> and <c>Status</c> likewise as of the
/// snapshot's instant; <c>Codes</c> every code it has or had, the primary first; <c>Kind</c> a word such as office,
/// department, commune, ministry; <c>InCharge</c> the name of the cơ quan chủ quản; <c>Level</c> 1 for a ministry or
/// province, 0 where nobody knows.
/// </remarks>
public sealed record Agency(
    Guid Id,
    string PrimaryCode,
    IReadOnlyList<AgencyCodeValidity> Codes,
    string Name,
    AgencyReach Reach,
    AgencyStatus Status,
    string Kind,
    string? InCharge = null,
    Guid? ParentId = null,
    string? Email = null,
    int Level = 0
)
{
    /// <summary>The instant from which it is closed, past or to come.</summary>
    public DateTimeOffset ClosedAt => Facts.ClosedAt;

    public IReadOnlyList<Succession> Successions => Facts.Successions;

    public IReadOnlyList<AgencyPlan> Plans => Facts.Plans;

    /// <summary>What the tables say, from which every instant is derived; only these make an agency.</summary>
    internal AgencyFacts Facts { get; init; } = null!;

    public bool IsClosedAt(DateTimeOffset at) => Facts.ClosedAt <= at;
}

/// <summary>A code and the half-open time [ValidFrom, ValidTo) in which it names its agency.</summary>
public sealed record AgencyCodeValidity(
    string Code,
    bool IsPrimary,
    DateTimeOffset ValidFrom,
    DateTimeOffset ValidTo
)
{
    public bool IsValidAt(DateTimeOffset at) => ValidFrom <= at && at < ValidTo;
}
