using Axis.Hub.Errors;

namespace Axis.Hub.Registry.Editing;

/// <param name="Reach">Of new agencies that the file says nothing about.</param>
/// <param name="CloseMissing">Close every agency of the file's reach that the file does not name: it is the whole.</param>
public sealed record CatalogueOptions(AgencyReach Reach, bool CloseMissing);

/// <summary>
/// A catalogue beside the registry: what has to be written so that the registry says what the file says, and what cannot
/// be. Reads nothing and writes nothing.
/// </summary>
public sealed class CatalogueDifference
{
    private const string DefaultKind = "agency";

    private readonly RegistrySnapshot _registry;
    private readonly DateTimeOffset _now;
    private readonly CatalogueOptions _options;
    private readonly RegistryEdit _edit = new();
    private readonly List<ErrorItem> _conflicts = [];
    private readonly Dictionary<string, Guid> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Guid> _fileIds = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _named = [];
    private readonly Dictionary<Guid, Guid?> _parents = [];

    private CatalogueDifference(
        RegistrySnapshot registry,
        DateTimeOffset now,
        CatalogueOptions options
    ) => (_registry, _now, _options) = (registry, now, options);

    public static PlannedEdit Of(
        IReadOnlyList<CatalogueEntry> entries,
        RegistrySnapshot registry,
        DateTimeOffset now,
        CatalogueOptions options
    )
    {
        var difference = new CatalogueDifference(registry, now, options);
        var known = difference.Identify(entries);
        foreach (var (entry, id) in known)
        {
            difference.Compare(entry, id);
        }
        difference.CheckParents(known);
        if (options.CloseMissing)
        {
            difference.CloseMissing(entries);
        }
        return new(difference._edit, difference._conflicts);
    }

    /// <summary>The agency behind every entry: the one that has or had one of its codes, else a new one.</summary>
    private List<(CatalogueEntry Entry, Guid Id)> Identify(IReadOnlyList<CatalogueEntry> entries)
    {
        var identified = new List<(CatalogueEntry, Guid)>(entries.Count);
        foreach (var entry in entries)
        {
            var owners = entry
                .Codes.Select(code =>
                    _registry.TryFindAgency(code, _now, out var owner)
                        ? owner
                        : _registry.LastOwnerOf(code)
                )
                .OfType<Agency>()
                .DistinctBy(owner => owner.Id)
                .ToArray();
            if (owners.Length > 1)
            {
                Conflict(
                    entry,
                    "code",
                    $"{entry.Code} and its other codes belong to different agencies: {Names(owners)}.",
                    $"{entry.Code} và các mã khác của nó đang thuộc các cơ quan khác nhau: {Names(owners)}."
                );
                continue;
            }
            var id = owners is [var one] ? one.Id : Guid.CreateVersion7(_now);
            if (!_named.Add(id))
            {
                Conflict(
                    entry,
                    "code",
                    $"{entry.Code} and another row are the same agency, {Names(owners)}.",
                    $"{entry.Code} và một dòng khác là cùng một cơ quan, {Names(owners)}."
                );
                continue;
            }
            foreach (var code in entry.Codes)
            {
                _ids.Add(code, id);
            }
            if (entry.Row.Text("id") is { } fileId)
            {
                _fileIds.TryAdd(fileId, id);
            }
            identified.Add((entry, id));
        }
        return identified;
    }

    private void Compare(CatalogueEntry entry, Guid id)
    {
        var agency = _registry.AgencyById(id);
        if (agency is not null && agency.IsClosedAt(_now) && !entry.IsClosed)
        {
            Conflict(
                entry,
                "code",
                $"{entry.Code} is closed in the registry and stands in the file as open.",
                $"{entry.Code} đã đóng trong danh mục nhưng trong tệp vẫn đang hoạt động."
            );
            return;
        }
        var row = entry.Row;
        var parent = ParentOf(entry, agency?.ParentId);
        var wanted = new EditedAgency(
            id,
            entry.Name,
            row.Has("inCharge") ? row.Text("inCharge") : agency?.InCharge,
            parent,
            row.Text("kind") ?? agency?.Kind ?? DefaultKind,
            entry.Reach ?? agency?.Reach ?? _options.Reach,
            row.Has("email") ? row.Text("email")
                : row.Has("mail") ? row.Text("mail")
                : agency?.Email,
            entry.Level ?? agency?.Facts.Row.Level,
            entry.Status ?? agency?.Facts.Row.Status ?? AgencyStatus.Active
        );
        _parents[id] = parent;
        if (agency is null)
        {
            _edit.Agencies.Add(wanted);
            Change(id, entry.Code, "added", null, entry.Name);
            if (wanted.Status == AgencyStatus.Locked)
            {
                Change(id, entry.Code, "locked", null, null);
            }
        }
        else
        {
            CompareKnown(entry, agency, wanted);
        }
        CompareCodes(entry, id, agency);
        if (entry.IsClosed && (agency is null || !agency.IsClosedAt(_now)))
        {
            _edit.Closed.Add((id, _now));
            Change(id, entry.Code, "closed", null, null);
        }
        if (row.Text("contactName") is { } contact)
        {
            _edit.Contacts.Add(new(id, contact, row.Text("contactMail"), row.Text("contactPhone")));
        }
    }

    private void CompareKnown(CatalogueEntry entry, Agency agency, EditedAgency wanted)
    {
        var known = new EditedAgency(
            agency.Id,
            agency.Name,
            agency.InCharge,
            agency.ParentId,
            agency.Kind,
            agency.Reach,
            agency.Email,
            agency.Facts.Row.Level,
            agency.Facts.Row.Status
        );
        if (known == wanted)
        {
            return;
        }
        _edit.Agencies.Add(wanted);
        if (known.Name != wanted.Name)
        {
            Change(agency.Id, entry.Code, "renamed", known.Name, wanted.Name);
        }
        if (known.ParentId != wanted.ParentId)
        {
            Change(agency.Id, entry.Code, "moved", CodeOf(known.ParentId), CodeOf(wanted.ParentId));
        }
        if (known.Status != wanted.Status)
        {
            var what = wanted.Status == AgencyStatus.Locked ? "locked" : "unlocked";
            Change(agency.Id, entry.Code, what, null, null);
        }
        var seen = known with
        {
            Name = wanted.Name,
            ParentId = wanted.ParentId,
            Status = wanted.Status,
        };
        if (seen != wanted)
        {
            Change(agency.Id, entry.Code, "changed", Told(known), Told(wanted));
        }
    }

    private void CompareCodes(CatalogueEntry entry, Guid id, Agency? agency)
    {
        foreach (var code in entry.Codes)
        {
            var isPrimary = code == entry.Code;
            var held = agency?.Codes.FirstOrDefault(one => one.Code == code && one.IsValidAt(_now));
            if (held is null)
            {
                var from = agency is null ? DateTimeOffset.MinValue : _now;
                _edit.Codes.Add(new(code, id, isPrimary, from, DateTimeOffset.MaxValue));
                if (agency is not null)
                {
                    Change(id, entry.Code, "code", null, code);
                }
            }
            else if (held.IsPrimary != isPrimary)
            {
                _edit.Codes.Add(new(code, id, isPrimary, held.ValidFrom, held.ValidTo));
                Change(id, entry.Code, isPrimary ? "primary" : "secondary", null, code);
            }
        }
    }

    private Guid? ParentOf(CatalogueEntry entry, Guid? known)
    {
        var row = entry.Row;
        if (row.Text("parent") is { } code)
        {
            if (_ids.TryGetValue(code, out var id))
            {
                return id;
            }
            if (_registry.TryFindAgency(code, _now, out var parent))
            {
                return parent.Id;
            }
            Conflict(
                entry,
                "parent",
                $"The parent {code} of {entry.Code} is neither in the file nor in the registry.",
                $"Cơ quan cấp trên {code} của {entry.Code} không có trong tệp lẫn danh mục."
            );
            return known;
        }
        // An id of the national axis that its list does not have is a parent outside the list: no parent.
        return row.Text("pid") is { } fileId
            ? _fileIds.TryGetValue(fileId, out var above)
                ? above
                : known
            : row.Has("parent")
                ? null
                : known;
    }

    private void CheckParents(List<(CatalogueEntry Entry, Guid Id)> known)
    {
        foreach (var (entry, id) in known)
        {
            if (_parents.GetValueOrDefault(id) is null)
            {
                continue;
            }
            var seen = new HashSet<Guid> { id };
            for (var above = Above(id); above is { } parent; above = Above(parent))
            {
                if (!seen.Add(parent))
                {
                    Conflict(
                        entry,
                        "parent",
                        $"The parents of {entry.Code} lead round in a circle.",
                        $"Các cơ quan cấp trên của {entry.Code} tạo thành vòng lặp."
                    );
                    return;
                }
            }
        }

        Guid? Above(Guid id) =>
            _parents.TryGetValue(id, out var parent) ? parent : _registry.AgencyById(id)?.ParentId;
    }

    private void CloseMissing(IReadOnlyList<CatalogueEntry> entries)
    {
        var reaches = entries.Select(entry => entry.Reach ?? _options.Reach).ToHashSet();
        foreach (
            var agency in _registry
                .Agencies.Where(agency =>
                    reaches.Contains(agency.Reach)
                    && !agency.IsClosedAt(_now)
                    && !_named.Contains(agency.Id)
                    && agency.Codes.Any(code => code.IsValidAt(_now))
                )
                .OrderBy(agency => agency.PrimaryCode, StringComparer.Ordinal)
        )
        {
            if (_registry.OfficeSystemOf(agency.Id, _now) is { } system)
            {
                _conflicts.Add(
                    RegistryErrors.At(
                        RegistryErrors.Conflict,
                        "code",
                        new(agency.PrimaryCode, 0, 0),
                        $"{agency.PrimaryCode} is missing in the file, but {system.Id} serves it.",
                        $"{agency.PrimaryCode} không có trong tệp, nhưng phần mềm {system.Id} đang phục vụ."
                    )
                );
                continue;
            }
            _edit.Closed.Add((agency.Id, _now));
            Change(agency.Id, agency.PrimaryCode, "closed", null, null);
        }
    }

    private string? CodeOf(Guid? id) =>
        id is not { } known
            ? null
            : _registry.AgencyById(known)?.PrimaryCode
                ?? _ids.FirstOrDefault(pair => pair.Value == known).Key;

    private static string Told(EditedAgency agency) =>
        string.Join(
            "; ",
            agency.Kind,
            RegistryNames.Of(agency.Reach),
            agency.InCharge ?? "-",
            agency.Email ?? "-",
            agency.Level?.ToString() ?? "-"
        );

    private static string Names(IEnumerable<Agency> agencies) =>
        string.Join(", ", agencies.Select(agency => $"{agency.PrimaryCode} ({agency.Name})"));

    private void Change(Guid id, string code, string what, string? from, string? to) =>
        _edit.Changes.Add(new(id, code, what, from, to));

    private void Conflict(CatalogueEntry entry, string column, string message, string messageVi) =>
        _conflicts.Add(
            RegistryErrors.At(
                RegistryErrors.Conflict,
                column,
                entry.Row.Place(column),
                message,
                messageVi
            )
        );
}
