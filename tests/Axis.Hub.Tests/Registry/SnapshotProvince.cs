using Axis.Hub.Registry;

namespace Axis.Hub.Tests.Registry;

/// <summary>A registry written down in a test, as the rows of its tables.</summary>
internal sealed class SnapshotProvince
{
    private readonly Dictionary<string, AgencyRow> _agencies = new(StringComparer.Ordinal);
    private readonly List<AgencyCodeRow> _codes = [];
    private readonly List<ServiceRow> _services = [];
    private readonly List<SuccessionRow> _successions = [];
    private readonly HashSet<string> _systems = new(StringComparer.Ordinal);
    private long _version;

    public SnapshotProvince Agency(string code)
    {
        _agencies.Add(
            code,
            new(
                Guid.CreateVersion7(),
                "Cơ quan " + code,
                null,
                null,
                "office",
                AgencyReach.Province,
                AgencyStatus.Active,
                null
            )
        );
        return Code(code, code, DateTimeOffset.MinValue);
    }

    public SnapshotProvince Code(
        string agency,
        string code,
        DateTimeOffset from,
        DateTimeOffset? to = null
    )
    {
        _codes.Add(
            new(
                _agencies[agency].Id,
                new(code, agency == code, from, to ?? DateTimeOffset.MaxValue)
            )
        );
        return this;
    }

    public SnapshotProvince Close(string agency, DateTimeOffset at)
    {
        _agencies[agency] = _agencies[agency] with { ClosedAt = at };
        return this;
    }

    public SnapshotProvince Succeed(string agency, string successor, DateTimeOffset at)
    {
        var (id, other) = (_agencies[agency].Id, _agencies[successor].Id);
        if (id != other)
        {
            _successions.RemoveAll(row =>
                row.AgencyId == id && row.Succession.SuccessorId == other
            );
            _successions.Add(new(id, new(other, SuccessionKind.Merged, at)));
        }
        return this;
    }

    public SnapshotProvince Served(
        string agency,
        string system,
        DateTimeOffset? since = null,
        DateTimeOffset? until = null
    )
    {
        _systems.Add(system);
        _services.Add(
            new(
                _agencies[agency].Id,
                system,
                since ?? DateTimeOffset.MinValue,
                until ?? DateTimeOffset.MaxValue
            )
        );
        return this;
    }

    public SnapshotProvince HandOver(string agency, string system, DateTimeOffset at)
    {
        var id = _agencies[agency].Id;
        _services.RemoveAll(row => row.AgencyId == id && row.Since >= at);
        for (var i = 0; i < _services.Count; i++)
        {
            if (_services[i].AgencyId == id && _services[i].Until > at)
            {
                _services[i] = _services[i] with { Until = at };
            }
        }
        return Served(agency, system, at);
    }

    public RegistrySnapshot Snapshot(DateTimeOffset at) => new(Rows(_ => true), at);

    /// <summary>What a node reads that has everything but the last change of this agency.</summary>
    public RegistryChanges Changes(string agency)
    {
        var id = _agencies[agency].Id;
        _version++;
        return new(Rows(other => other == id), [id]);
    }

    public static void AssertSame(RegistrySnapshot left, RegistrySnapshot right, DateTimeOffset at)
    {
        Assert.That(left.ChangesAt, Is.EqualTo(right.ChangesAt));
        Assert.That(Told(left, at), Is.EqualTo(Told(right, at)));
    }

    private static string Told(RegistrySnapshot registry, DateTimeOffset at) =>
        string.Join(
            '\n',
            registry
                .Agencies.OrderBy(agency => agency.Name, StringComparer.Ordinal)
                .Select(agency =>
                    $"{agency.Name} {agency.Status} {agency.PrimaryCode} "
                    + $"{registry.OfficeSystemOf(agency.Id, at)?.Id} {Told(registry, agency, at)} "
                    + $"{registry.FamilyOf(agency.Id).Count}"
                )
                .Concat(
                    registry
                        .OfficeSystems.OrderBy(system => system.Id, StringComparer.Ordinal)
                        .Select(system =>
                            $"{system.Id}: {string.Join(' ', system.Agencies.Order())} / {string.Join(' ', system.Inherited.Order())}"
                        )
                )
        );

    private static string Told(RegistrySnapshot registry, Agency agency, DateTimeOffset at) =>
        string.Join(
            ',',
            agency.Codes.Select(code =>
                registry.Resolve(code.Code, at) switch
                {
                    Resolution.One one => one.Agency.Name,
                    Resolution.Several several => several.Successors.Count.ToString(),
                    var other => other.GetType().Name,
                }
            )
        );

    private RegistryRows Rows(Func<Guid, bool> of) =>
        new(
            _version,
            [.. _agencies.Values.Where(row => of(row.Id))],
            [.. _codes.Where(row => of(row.AgencyId))],
            [.. _systems.Select(id => new OfficeSystemRow(id, id, true, Door.Http))],
            [.. _services.Where(row => of(row.AgencyId))],
            [],
            [],
            []
        )
        {
            Successions = [.. _successions.Where(row => of(row.AgencyId))],
        };
}
