using Axis.Vxp;

namespace Axis.NationalSim.Catalogue;

/// <summary>All agencies of the country, found by either code. Guarded by the axis it belongs to.</summary>
internal sealed class NationalCatalogue
{
    private const string Top = "0";

    private readonly List<NationalAgency> _agencies = [];
    private readonly Dictionary<string, int> _byCode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _systems = new(StringComparer.Ordinal);

    public NationalCatalogue(NationalSimOptions options)
    {
        foreach (var system in options.Systems)
        {
            foreach (var code in system.Codes)
            {
                _systems[code] = system.Id;
            }
        }
        var now = options.Clock.GetUtcNow();
        foreach (var one in MadeUpCountry.Write(options))
        {
            Add(one, now);
        }
    }

    public int Count => _agencies.Count;

    public IEnumerable<NationalAgency> All => _agencies;

    public NationalAgency? Find(string code) =>
        _byCode.TryGetValue(code, out var at) ? _agencies[at] : null;

    /// <summary>Adds an agency, or opens and renames the one with that code.</summary>
    public NationalAgency Add(KnownAgency one, DateTimeOffset now)
    {
        if (Find(one.Code) is { } known)
        {
            return Change(
                known with
                {
                    Name = one.Name.Length > 0 ? one.Name : known.Name,
                    Mail = one.Mail.Length > 0 ? one.Mail : known.Mail,
                    IsClosed = false,
                },
                now
            );
        }
        var parent = Find(one.ParentCode);
        var agency = new NationalAgency(
            $"{_agencies.Count + 1}",
            parent?.Id ?? Top,
            one.Code,
            one.OldCode,
            one.Name,
            one.Mail,
            SystemOf(one, parent),
            now,
            IsAgency: one.IsAgency
        );
        _byCode[one.Code] = _agencies.Count;
        if (one.OldCode.Length > 0)
        {
            _byCode.TryAdd(one.OldCode, _agencies.Count);
        }
        _agencies.Add(agency);
        return agency;
    }

    public NationalAgency Change(NationalAgency agency, DateTimeOffset now)
    {
        var changed = agency with { Version = agency.Version + 1, ModifiedAt = now };
        return _agencies[_byCode[agency.Code]] = changed;
    }

    public IReadOnlyList<AgencyItem> Agencies() =>
        [
            .. Open()
                .Select(one => new AgencyItem(
                    one.Id,
                    one.ParentId,
                    one.Code,
                    one.Name,
                    one.Mail,
                    one.OldCode
                )),
        ];

    public IReadOnlyList<AgencyQd20Item> Qd20() =>
        [
            .. Open()
                .Select(one => new AgencyQd20Item(
                    one.Id,
                    one.Code,
                    one.Name,
                    one.Mail,
                    one.OldCode
                )),
        ];

    /// <summary>Closed ones are in it, as deleted.</summary>
    public IReadOnlyList<UnitItem> Units(Func<DateTimeOffset, string> timeOf) =>
        [
            .. _agencies.Select(one => new UnitItem(
                one.Id,
                one.ParentId,
                one.Code,
                one.Name,
                one.Mail,
                one.Version,
                one.SystemId ?? $"vxp.{one.Code.Split('.')[0].ToLowerInvariant()}",
                one.IsClosed,
                timeOf(one.ModifiedAt),
                one.IsAgency
            )),
        ];

    private IEnumerable<NationalAgency> Open() => _agencies.Where(one => !one.IsClosed);

    private string? SystemOf(KnownAgency one, NationalAgency? parent)
    {
        if (
            _systems.TryGetValue(one.Code, out var system)
            || _systems.TryGetValue(one.OldCode, out system)
        )
        {
            return system;
        }
        // Below a code of the system's: H99 speaks for H99.01.02 too, in the catalogue or not yet.
        for (var dot = one.Code.LastIndexOf('.'); dot > 0; dot = one.Code.LastIndexOf('.', dot - 1))
        {
            if (_systems.TryGetValue(one.Code[..dot], out system))
            {
                return system;
            }
        }
        return parent?.SystemId;
    }
}
