namespace Axis.NationalSim.Catalogue;

/// <summary>An agency that somebody wants to be in the catalogue.</summary>
/// <param name="ParentCode">Empty at the top.</param>
public sealed record KnownAgency(
    string Code,
    string OldCode,
    string Name,
    string Mail = "",
    string ParentCode = "",
    bool IsAgency = true
);

/// <summary>An agency as the national axis knows it.</summary>
/// <param name="ParentId">"0" at the top.</param>
/// <param name="OldCode">Empty when it has none.</param>
/// <param name="SystemId">The connected system that collects for it; null when its province is played here.</param>
/// <param name="Version">One more with every change.</param>
public sealed record NationalAgency(
    string Id,
    string ParentId,
    string Code,
    string OldCode,
    string Name,
    string Mail,
    string? SystemId,
    DateTimeOffset ModifiedAt,
    int Version = 1,
    bool IsClosed = false,
    bool IsAgency = true
);
