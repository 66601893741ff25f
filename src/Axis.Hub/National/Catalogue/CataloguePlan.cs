using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Registry.Editing;

namespace Axis.Hub.National.Catalogue;

/// <summary>What this province calls its own, beside what the national axis has of it.</summary>
/// <param name="UnknownHere">Codes that the national axis gives to this province and the registry does not know.</param>
/// <param name="NotThere">Open agencies of this province that the national axis does not have.</param>
public sealed record OwnDifference(
    IReadOnlyList<string> UnknownHere,
    IReadOnlyList<string> NotThere
);

/// <summary>
/// The national catalogue beside the registry. Rows that contradict the registry are set aside one by one, each with its
/// reason, because of 120,000 rows some always do, and the others must not wait for them. Our own agencies are never
/// changed by what somebody else says of them.
/// </summary>
internal sealed class CataloguePlan(CatalogueMerge merge, FarAxes axes, double mostClosed)
{
    // Each round sets at least one row aside; circles of parents show one at a time.
    private const int MostRounds = 20;

    public List<ErrorItem> SetAside { get; } = [];

    public OwnDifference Own { get; private set; } = new([], []);

    public IReadOnlyList<Agency> Closing { get; private set; } = [];

    /// <summary>National agencies that are closed already.</summary>
    public IReadOnlyList<Guid> Closed { get; private set; } = [];

    public PlannedEdit Of(
        RegistrySnapshot registry,
        DateTimeOffset now,
        bool closeMissing,
        bool force
    )
    {
        SetAside.Clear();
        Own = OwnOf(registry, now);
        var rows = merge.Agencies.Where(one => IsOfConcern(one, registry, now)).ToArray();
        if (rows.Length == 0)
        {
            return new PlannedEdit(new RegistryEdit(), []);
        }
        var errors = new List<ErrorItem>();
        var entries = CatalogueFile.Read(Written(rows), isJson: true, errors);
        SetAside.AddRange(errors);
        var plan = Compared(entries, registry, now, closeMissing);
        Closing =
        [
            .. plan.Edit!.Closed.Select(closed => registry.AgencyById(closed.AgencyId))
                .OfType<Agency>()
                .OrderBy(agency => agency.PrimaryCode, StringComparer.Ordinal),
        ];
        var national = registry
            .Agencies.Where(agency => agency.Reach == AgencyReach.National)
            .ToArray();
        Closed = [.. national.Where(agency => agency.IsClosedAt(now)).Select(agency => agency.Id)];
        var open = national.Length - Closed.Count;
        return !force && Closing.Count > Math.Max(1, mostClosed * open)
            ? plan with
            {
                Errors = [CatalogueErrors.ClosesTooMany.At(null, null, Closing.Count, open)],
            }
            : plan;
    }

    private PlannedEdit Compared(
        IReadOnlyList<CatalogueEntry> entries,
        RegistrySnapshot registry,
        DateTimeOffset now,
        bool closeMissing
    )
    {
        var options = new CatalogueOptions(AgencyReach.National, closeMissing);
        var plan = CatalogueDifference.Of(entries, registry, now, options);
        for (var round = 0; round < MostRounds && plan.Errors.Count > 0; round++)
        {
            SetAside.AddRange(plan.Errors);
            var lines = plan.Errors.Select(error => error.Line).ToHashSet();
            var kept = entries.Where(entry => !lines.Contains(entry.Row.Line)).ToArray();
            if (kept.Length == entries.Count)
            {
                // What is left is said of the registry, not of a row, and nothing is planned for it.
                break;
            }
            entries = kept;
            plan = CatalogueDifference.Of(entries, registry, now, options);
        }
        return plan with { Errors = [] };
    }

    /// <summary>Neither ours, nor closed and never heard of.</summary>
    private bool IsOfConcern(MergedAgency one, RegistrySnapshot registry, DateTimeOffset now)
    {
        if (axes.IsOwn(one.Code))
        {
            return false;
        }
        var known = KnownAs(one, registry, now);
        return known is null ? !one.IsClosed : known.Reach == AgencyReach.National;
    }

    private OwnDifference OwnOf(RegistrySnapshot registry, DateTimeOffset now)
    {
        var there = merge
            .Agencies.Where(one => !one.IsClosed)
            .SelectMany(one => one.OldCode is { } old ? [one.Code, old] : (string[])[one.Code])
            .ToHashSet(StringComparer.Ordinal);
        return new OwnDifference(
            [
                .. merge
                    .Agencies.Where(one =>
                        !one.IsClosed && axes.IsOwn(one.Code) && KnownAs(one, registry, now) is null
                    )
                    .Select(one => one.Code),
            ],
            [
                .. registry
                    .Agencies.Where(agency =>
                        agency.Reach == AgencyReach.Province
                        && !agency.IsClosedAt(now)
                        && agency.PrimaryCode.Length > 0
                        && !agency.Codes.Any(code => there.Contains(code.Code))
                    )
                    .Select(agency => agency.PrimaryCode)
                    .Order(StringComparer.Ordinal),
            ]
        );
    }

    private static Agency? KnownAs(MergedAgency one, RegistrySnapshot registry, DateTimeOffset now)
    {
        return Owner(one.Code) ?? (one.OldCode is { } old ? Owner(old) : null);

        Agency? Owner(string code) =>
            registry.TryFindAgency(code, now, out var agency) ? agency : registry.LastOwnerOf(code);
    }

    /// <summary>One object a line, so that the line of a conflict says which row it is.</summary>
    private static byte[] Written(IReadOnlyList<MergedAgency> rows)
    {
        using var written = new MemoryStream();
        written.Write("[\n"u8);
        for (var i = 0; i < rows.Count; i++)
        {
            written.Write(i == 0 ? ""u8 : ",\n"u8);
            JsonSerializer.Serialize(written, FieldsOf(rows[i]), HubJson.Options);
        }
        written.Write("\n]"u8);
        return written.ToArray();
    }

    // A field that the lists do not have is not in the row: it stays as the registry has it.
    private static Dictionary<string, object> FieldsOf(MergedAgency one)
    {
        var fields = new Dictionary<string, object>
        {
            ["code"] = one.Code,
            ["name"] = one.Name,
            ["deleted"] = one.IsClosed,
        };
        Add("oldCode", one.OldCode);
        Add("mail", one.Mail);
        Add("parent", one.Parent);
        return fields;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                fields[name] = value;
            }
        }
    }
}
