namespace Axis.Hub.Registry.Editing;

/// <summary>An agency as it is to stand. Closing is not said by <c>Status</c> but by its instant.</summary>
public sealed record EditedAgency(
    Guid Id,
    string Name,
    string? InCharge,
    Guid? ParentId,
    string Kind,
    AgencyReach Reach,
    string? Email,
    int? Level,
    AgencyStatus Status
);

/// <summary>A code as it is to stand; the same code from the same instant is replaced.</summary>
public sealed record EditedCode(
    string Code,
    Guid AgencyId,
    bool IsPrimary,
    DateTimeOffset From,
    DateTimeOffset To
);

public sealed record EditedSuccession(
    Guid AgencyId,
    Guid SuccessorId,
    SuccessionKind Kind,
    DateTimeOffset At
);

public sealed record EditedPlan(Guid AgencyId, DateTimeOffset At, string? Name, Guid? ParentId);

/// <summary>From <c>Since</c> on this office system serves the agency; null: none does.</summary>
public sealed record EditedServing(Guid AgencyId, string? OfficeSystemId, DateTimeOffset Since);

public sealed record EditedContact(Guid AgencyId, string Name, string? Mail, string? Phone);

/// <summary>A line of the history: what changed, from what, to what.</summary>
public sealed record AgencyChange(
    Guid AgencyId,
    string Code,
    string What,
    string? From,
    string? To
);

/// <summary>
/// Everything that one change of the registry writes, decided from a snapshot before a row is touched. What is right
/// already is not in it.
/// </summary>
public sealed class RegistryEdit
{
    public List<EditedAgency> Agencies { get; } = [];
    public List<EditedCode> Codes { get; } = [];
    public List<(Guid AgencyId, DateTimeOffset At)> Closed { get; } = [];
    public List<EditedSuccession> Successions { get; } = [];
    public List<EditedPlan> Plans { get; } = [];
    public List<EditedServing> Services { get; } = [];
    public List<EditedContact> Contacts { get; } = [];

    /// <summary>The readable difference, and the history when it is applied.</summary>
    public List<AgencyChange> Changes { get; } = [];

    public bool IsEmpty =>
        Agencies.Count == 0
        && Codes.Count == 0
        && Closed.Count == 0
        && Successions.Count == 0
        && Plans.Count == 0
        && Services.Count == 0
        && Contacts.Count == 0;
}
