using Axis.EdXml;
using Axis.Vxp.Client;

namespace Axis.Hub.National.Catalogue;

/// <summary>An agency as the lists of the national axis describe it together.</summary>
/// <param name="Parent">The code of the agency above; null when the lists do not name it.</param>
/// <param name="Mail">Null when there is none that can be one.</param>
public sealed record MergedAgency(
    string Code,
    string? OldCode,
    string Name,
    string? Parent,
    string? Mail,
    bool IsClosed
);

/// <summary>Something of the lists that was not used, and why, in English.</summary>
public sealed record SkippedAgency(string Code, string Reason);

/// <summary>
/// Three lists of one catalogue made one. They come from a system that repeats rows, leaves fields out, and may be wrong
/// about a few of 120,000: what cannot be used is left out and said, and the rest goes on.
/// </summary>
public sealed class CatalogueMerge
{
    private const int MaxName = 500;
    private const int MaxMail = 320;

    private readonly Dictionary<string, MergedAgency> _merged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _codeOfId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _parentId = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly List<SkippedAgency> _skipped = [];

    private CatalogueMerge() { }

    /// <summary>In the order of their codes, so that the same lists give the same rows.</summary>
    public IReadOnlyList<MergedAgency> Agencies { get; private set; } = [];

    public IReadOnlyList<SkippedAgency> Skipped => _skipped;

    public static CatalogueMerge Of(
        IReadOnlyList<FarAgency> agencies,
        IReadOnlyList<FarAgency> qd20,
        IReadOnlyList<FarAgency> units
    )
    {
        var merge = new CatalogueMerge();
        foreach (var one in agencies.Concat(qd20))
        {
            merge.Add(one);
        }
        foreach (var unit in units)
        {
            merge.AddUnit(unit);
        }
        merge.Finish();
        return merge;
    }

    private void Add(FarAgency one)
    {
        if (Cleaned(one) is not { } agency)
        {
            return;
        }
        if (!_merged.TryGetValue(agency.Code, out var known))
        {
            // The list of QĐ 20/2020 may know by its new code what the other list has under the old one.
            if (agency.OldCode is { } old && _merged.Remove(old, out var earlier))
            {
                agency = agency with { Mail = agency.Mail ?? earlier.Mail };
            }
            _merged[agency.Code] = agency;
            return;
        }
        _merged[agency.Code] = known with
        {
            OldCode = known.OldCode ?? agency.OldCode,
            Mail = known.Mail ?? agency.Mail,
        };
    }

    private void AddUnit(FarAgency unit)
    {
        if (!unit.IsDeleted)
        {
            Add(unit);
            return;
        }
        if (_merged.ContainsKey(unit.Code))
        {
            Skip(unit.Code, "one list has it as open and another as deleted; it stays open");
        }
        else if (Cleaned(unit) is { } closed && _deleted.Add(closed.Code))
        {
            _merged[closed.Code] = closed with { IsClosed = true };
        }
    }

    private MergedAgency? Cleaned(FarAgency one)
    {
        var name = one.Name.Trim();
        if (!AgencyCode.TryParse(one.Code, out var code))
        {
            Skip(one.Code, "the code is of no known form");
            return null;
        }
        if (name.Length is 0 or > MaxName)
        {
            Skip(one.Code, $"the name is empty or has more than {MaxName} characters");
            return null;
        }
        if (one.Id.Length > 0)
        {
            _codeOfId.TryAdd(one.Id, code.Value);
        }
        if (one.ParentId.Length > 0)
        {
            _parentId.TryAdd(code.Value, one.ParentId);
        }
        var old =
            AgencyCode.TryParse(one.OldCode, out var other) && other.Value != code.Value
                ? other.Value
                : null;
        var mail = one.Mail.Trim();
        return new MergedAgency(
            code.Value,
            old,
            name,
            Parent: null,
            mail.Contains('@', StringComparison.Ordinal) && mail.Length <= MaxMail ? mail : null,
            IsClosed: false
        );
    }

    private void Finish()
    {
        var taken = _merged.Keys.ToHashSet(StringComparer.Ordinal);
        var agencies = new List<MergedAgency>(_merged.Count);
        foreach (var agency in _merged.Values.OrderBy(one => one.Code, StringComparer.Ordinal))
        {
            var old = agency.OldCode;
            if (old is not null && !taken.Add(old))
            {
                Skip(agency.Code, $"its old code {old} is another agency's; it is left out");
                old = null;
            }
            agencies.Add(agency with { OldCode = old, Parent = ParentOf(agency.Code) });
        }
        Agencies = agencies;
    }

    private string? ParentOf(string code) =>
        _parentId.TryGetValue(code, out var id)
        && _codeOfId.TryGetValue(id, out var parent)
        && parent != code
        && _merged.ContainsKey(parent)
            ? parent
            : null;

    private void Skip(string code, string reason) => _skipped.Add(new(code, reason));
}
