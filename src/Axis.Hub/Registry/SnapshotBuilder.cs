using System.Runtime.InteropServices;

namespace Axis.Hub.Registry;

/// <summary>
/// Makes the parts of a snapshot out of those of the one before: dictionaries are copied whole (some milliseconds for a
/// whole country), entries are exchanged. What was published is never touched.
/// </summary>
internal sealed class SnapshotBuilder
{
    private readonly DateTimeOffset _at;
    private readonly HashSet<string> _ownServed = new(StringComparer.Ordinal);

    public SnapshotBuilder(DateTimeOffset at, int expected)
    {
        _at = at;
        Agencies = new(expected);
        Codes = new(expected * 2, StringComparer.Ordinal);
    }

    public SnapshotBuilder(SnapshotParts parts, DateTimeOffset at)
    {
        _at = at;
        Agencies = new(parts.Agencies);
        Codes = new(parts.Codes, StringComparer.Ordinal);
        Predecessors = new(parts.Predecessors);
        Edges = new(parts.Edges);
        Served = new(parts.Served, StringComparer.Ordinal);
    }

    public Dictionary<Guid, Agency> Agencies { get; }
    public Dictionary<string, CodeOwner[]> Codes { get; }
    public Dictionary<Guid, Guid[]> Predecessors { get; } = [];
    public Dictionary<Guid, DateTimeOffset> Edges { get; } = [];
    public Dictionary<string, HashSet<Guid>> Served { get; } = new(StringComparer.Ordinal);

    /// <summary>Brings every agency whose edge has come to the builder's instant.</summary>
    public void Advance()
    {
        foreach (var id in Edges.Where(edge => edge.Value <= _at).Select(edge => edge.Key).ToList())
        {
            Put(Agencies[id].Facts);
        }
    }

    public void Put(AgencyFacts facts)
    {
        Remove(facts.Id);
        var agency = facts.At(_at);
        Agencies[facts.Id] = agency;
        foreach (var code in facts.Codes)
        {
            ref var owners = ref CollectionsMarshal.GetValueRefOrAddDefault(
                Codes,
                code.Code,
                out _
            );
            var owner = new CodeOwner(code.ValidFrom, code.ValidTo, facts.Id);
            owners = owners is null ? [owner] : [.. owners, owner];
        }
        foreach (var succession in facts.Successions)
        {
            ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(
                Predecessors,
                succession.SuccessorId,
                out _
            );
            before = before is null ? [facts.Id] : [.. before, facts.Id];
        }
        if (facts.ServedBy(_at) is { } system)
        {
            ServedOf(system).Add(facts.Id);
        }
        var edge = facts.FirstEdgeAfter(_at);
        if (edge < DateTimeOffset.MaxValue)
        {
            Edges[facts.Id] = edge;
        }
    }

    public void Remove(Guid id)
    {
        if (!Agencies.Remove(id, out var agency))
        {
            return;
        }
        Edges.Remove(id);
        foreach (var code in agency.Facts.Codes)
        {
            Without(Codes, code.Code, owner => owner.AgencyId == id);
        }
        foreach (var succession in agency.Facts.Successions)
        {
            Without(Predecessors, succession.SuccessorId, before => before == id);
        }
        foreach (var system in agency.Facts.Services.Select(service => service.OfficeSystemId))
        {
            if (Served.TryGetValue(system, out var served) && served.Contains(id))
            {
                ServedOf(system).Remove(id);
            }
        }
    }

    /// <summary>A set of the snapshot before is copied before its first change.</summary>
    private HashSet<Guid> ServedOf(string system)
    {
        if (_ownServed.Add(system))
        {
            Served[system] = Served.TryGetValue(system, out var before) ? [.. before] : [];
        }
        return Served[system];
    }

    private static void Without<TKey, T>(Dictionary<TKey, T[]> lists, TKey key, Predicate<T> isGone)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            return;
        }
        var rest = Array.FindAll(list, one => !isGone(one));
        if (rest.Length == 0)
        {
            lists.Remove(key);
        }
        else
        {
            lists[key] = rest;
        }
    }
}

/// <summary>An agency has a code in [From, To).</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CodeOwner(DateTimeOffset From, DateTimeOffset To, Guid AgencyId);

/// <summary>The parts of a snapshot that follow from the agencies. Never changed once a snapshot has them.</summary>
internal sealed record SnapshotParts(
    Dictionary<Guid, Agency> Agencies,
    Dictionary<string, CodeOwner[]> Codes,
    Dictionary<Guid, Guid[]> Predecessors,
    Dictionary<Guid, DateTimeOffset> Edges,
    Dictionary<string, HashSet<Guid>> Served
);
