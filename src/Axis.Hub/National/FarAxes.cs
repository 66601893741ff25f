using System.Collections;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National;

/// <summary>
/// Which far axes there are, which agency is reached through which, and the office system that each of them is to the
/// rest of the hub.
/// </summary>
public sealed class FarAxes(IOptions<NationalOptions> options)
{
    /// <summary>Begins the id of a far axis as an office system; no registered one can begin with it.</summary>
    public const string Mark = "@";

    private readonly NationalOptions _options = options.Value;

    public IReadOnlyCollection<string> Names => _options.Axes.Keys;

    public static string SystemIdOf(string axis) => Mark + axis;

    /// <summary>The axis behind an office system's id; null when it is none, or not connected any more.</summary>
    public string? AxisOf(string officeSystemId) =>
        officeSystemId.StartsWith(Mark, StringComparison.Ordinal)
        && _options.Axes.ContainsKey(officeSystemId[Mark.Length..])
            ? officeSystemId[Mark.Length..]
            : null;

    /// <summary>
    /// The axis through which a national agency is reached: the one that names its level-1 code, else the one that takes
    /// all others. Null for an agency of this province, or when nothing is connected.
    /// </summary>
    public string? AxisOf(Agency agency)
    {
        if (agency.Reach != AgencyReach.National)
        {
            return null;
        }
        string? rest = null;
        foreach (var (name, axis) in _options.Axes)
        {
            if (axis.Codes.Count == 0)
            {
                rest = name;
            }
            else if (axis.Codes.Exists(code => agency.Codes.Any(own => IsUnder(own.Code, code))))
            {
                return name;
            }
        }
        return rest;
    }

    /// <summary>Whether a code is one of this province, known or not.</summary>
    public bool IsOwn(string code) => _options.OwnCodes.Exists(own => IsUnder(code, own));

    /// <summary>The office system that a far axis is to the rest of the hub.</summary>
    public OfficeSystem SystemOf(string axis, RegistrySnapshot registry) =>
        new(
            SystemIdOf(axis),
            axis,
            IsActive: true,
            Door.National,
            new ReachedAgencies(this, axis, registry)
        )
        {
            IsFarAxis = true,
        };

    /// <summary>Who hears the news of an agency that no office system serves; null when nobody does.</summary>
    public OfficeSystem? ListenerFor(Guid agencyId, RegistrySnapshot registry) =>
        registry.AgencyById(agencyId) is { } agency && AxisOf(agency) is { } axis
            ? SystemOf(axis, registry)
            : null;

    /// <summary>Codes of QĐ 20/2020 begin with the level-1 code (H41.02), those of QCVN 102:2016 end with it.</summary>
    internal static bool IsUnder(string code, string levelOne) =>
        code == levelOne
        || code.StartsWith(levelOne + ".", StringComparison.Ordinal)
        || code.EndsWith("." + levelOne, StringComparison.Ordinal);

    /// <summary>Answers for any agency without a list of 120,000 of them.</summary>
    private sealed class ReachedAgencies(FarAxes axes, string axis, RegistrySnapshot registry)
        : IReadOnlySet<Guid>
    {
        public int Count => All().Count();

        public bool Contains(Guid item) =>
            registry.AgencyById(item) is { } agency && axes.AxisOf(agency) == axis;

        public IEnumerator<Guid> GetEnumerator() => All().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public bool IsProperSubsetOf(IEnumerable<Guid> other) => Set().IsProperSubsetOf(other);

        public bool IsProperSupersetOf(IEnumerable<Guid> other) => Set().IsProperSupersetOf(other);

        public bool IsSubsetOf(IEnumerable<Guid> other) => Set().IsSubsetOf(other);

        public bool IsSupersetOf(IEnumerable<Guid> other) => Set().IsSupersetOf(other);

        public bool Overlaps(IEnumerable<Guid> other) => other.Any(Contains);

        public bool SetEquals(IEnumerable<Guid> other) => Set().SetEquals(other);

        private IEnumerable<Guid> All() =>
            registry.Agencies.Select(agency => agency.Id).Where(Contains);

        private HashSet<Guid> Set() => [.. All()];
    }
}
