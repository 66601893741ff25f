namespace Axis.Hub.Registry;

public sealed partial class RegistrySnapshot
{
    /// <summary>Where a code leads at an instant: over ended codes and closed agencies to who receives now.</summary>
    public Resolution Resolve(string code, DateTimeOffset at)
    {
        if (TryFindAgency(code, at, out var named))
        {
            return named.IsClosedAt(at) ? Follow(code, named, at) : new Resolution.One(named, null);
        }
        if (LastOwnerBefore(code, at) is not { } last)
        {
            return Resolution.Unknown.Instance;
        }
        named = _parts.Agencies[last.AgencyId];
        return named.IsClosedAt(at)
            ? Follow(code, named, at)
            : new Resolution.One(
                named,
                new Substitution(
                    code,
                    named.Name,
                    SuccessionKind.Renamed,
                    last.To,
                    named.PrimaryCode,
                    named.Name
                )
            );
    }

    /// <summary>Who receives in the place of an agency at an instant; the agency itself while it is not closed.</summary>
    public Resolution Resolve(Agency named, DateTimeOffset at) =>
        named.IsClosedAt(at)
            ? Follow(named.PrimaryCode, named, at)
            : new Resolution.One(named, null);

    /// <summary>
    /// The office system that takes what belongs to an agency at an instant: its own, else that of its one successor.
    /// </summary>
    public OfficeSystem? OfficeSystemFor(Guid agencyId, DateTimeOffset at) =>
        OfficeSystemOf(agencyId, at)
        ?? (
            AgencyById(agencyId) is { } agency && Resolve(agency, at) is Resolution.One one
                ? OfficeSystemOf(one.Agency.Id, at)
                : null
        );

    /// <summary>An agency and all that it succeeded, itself first, then the nearest.</summary>
    public IReadOnlyList<Guid> FamilyOf(Guid agencyId)
    {
        if (!_parts.Predecessors.ContainsKey(agencyId))
        {
            return [agencyId];
        }
        var family = new List<Guid> { agencyId };
        var seen = new HashSet<Guid>(family);
        for (var i = 0; i < family.Count; i++)
        {
            if (_parts.Predecessors.TryGetValue(family[i], out var before))
            {
                family.AddRange(before.Where(seen.Add));
            }
        }
        return family;
    }

    /// <summary>An agency and the closed ones whose one successor it is at an instant: in whose place it acts.</summary>
    public IReadOnlyList<Guid> HeirdomOf(Guid agencyId, DateTimeOffset at) =>
        [
            .. FamilyOf(agencyId)
                .Where(id =>
                    id == agencyId
                    || AgencyById(id) is { } closed
                        && closed.IsClosedAt(at)
                        && Resolve(closed, at) is Resolution.One one
                        && one.Agency.Id == agencyId
                ),
        ];

    /// <summary>
    /// Everybody a code may stand for in an answer to an old letter: who has it at that instant, then who had it, each
    /// with family. Empty when nobody ever had it.
    /// </summary>
    public IReadOnlyList<Guid> FamilyOf(string code, DateTimeOffset at)
    {
        if (!_parts.Codes.TryGetValue(code, out var owners))
        {
            return [];
        }
        return
        [
            .. owners
                .Where(owner => owner.From <= at)
                .OrderByDescending(owner => owner.To)
                .SelectMany(owner => FamilyOf(owner.AgencyId))
                .Distinct(),
        ];
    }

    private CodeOwner? LastOwnerBefore(string code, DateTimeOffset at)
    {
        CodeOwner? last = null;
        if (_parts.Codes.TryGetValue(code, out var owners))
        {
            foreach (var owner in owners)
            {
                if (owner.To <= at && (last is null || owner.To > last.Value.To))
                {
                    last = owner;
                }
            }
        }
        return last;
    }

    // Visits no agency twice, so it ends on any data; a circle reaches nobody.
    private Resolution Follow(string code, Agency named, DateTimeOffset at)
    {
        var reached = new List<Agency>();
        var seen = new HashSet<Guid> { named.Id };
        var left = new Queue<Agency>([named]);
        while (left.TryDequeue(out var closed))
        {
            foreach (var succession in closed.Successions)
            {
                if (
                    succession.EffectiveAt > at
                    || !seen.Add(succession.SuccessorId)
                    || !_parts.Agencies.TryGetValue(succession.SuccessorId, out var successor)
                )
                {
                    continue;
                }
                if (successor.IsClosedAt(at))
                {
                    left.Enqueue(successor);
                }
                else
                {
                    reached.Add(successor);
                }
            }
        }
        return reached switch
        {
            [] => new Resolution.Nobody(named),
            [var one] => new Resolution.One(one, SubstitutionBy(code, named, one, at)),
            _ => new Resolution.Several(
                named,
                [.. reached.OrderBy(one => one.PrimaryCode, StringComparer.Ordinal)]
            ),
        };
    }

    private static Substitution SubstitutionBy(
        string code,
        Agency named,
        Agency receives,
        DateTimeOffset at
    )
    {
        var first = named.Successions.First(succession => succession.EffectiveAt <= at);
        return new(
            code,
            named.Name,
            first.Kind,
            first.EffectiveAt > named.ClosedAt ? first.EffectiveAt : named.ClosedAt,
            receives.PrimaryCode,
            receives.Name
        );
    }

    /// <summary>Closed agencies by the office system that serves their one successor.</summary>
    private Dictionary<string, HashSet<Guid>> Inheritance(DateTimeOffset at)
    {
        var inherited = new Dictionary<string, HashSet<Guid>>(StringComparer.Ordinal);
        foreach (var id in _parts.Predecessors.Values.SelectMany(ids => ids).Distinct())
        {
            if (
                _parts.Agencies.TryGetValue(id, out var agency)
                && agency.IsClosedAt(at)
                && Resolve(agency, at) is Resolution.One one
                && one.Agency.Facts.ServedBy(at) is { } system
            )
            {
                if (!inherited.TryGetValue(system, out var ids))
                {
                    inherited.Add(system, ids = []);
                }
                ids.Add(id);
            }
        }
        return inherited;
    }
}
