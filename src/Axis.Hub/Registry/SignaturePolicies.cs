using System.Collections.Frozen;

namespace Axis.Hub.Registry;

/// <summary>What the hub asks of the signatures of a package before it accepts it.</summary>
public enum SignaturePolicy
{
    /// <summary>A valid signature over the package by the sending agency.</summary>
    Envelope,

    /// <summary>At least one attached PDF with a valid signature of a trusted signer.</summary>
    Document,

    /// <summary>One of the two. What holds where nobody decided otherwise.</summary>
    Either,

    /// <summary>Nothing is refused because of signatures; the verdicts are written down.</summary>
    Record,
}

/// <summary>
/// A policy for [ValidFrom, ValidTo). At most one of the three is set: an agency, an office system, or the national
/// route; none means the hub as a whole.
/// </summary>
public sealed record SignaturePolicyRow(
    Guid? AgencyId,
    string? OfficeSystemId,
    string? Route,
    SignaturePolicy Policy,
    DateTimeOffset ValidFrom,
    DateTimeOffset ValidTo
)
{
    public const string NationalRoute = "national";

    public bool IsValidAt(DateTimeOffset at) => ValidFrom <= at && at < ValidTo;
}

/// <summary>
/// Which policy holds for whom and when: the agency's own, else its office system's, else its route's, else the hub's;
/// among several of the same the one that began last.
/// </summary>
public sealed class SignaturePolicies
{
    private readonly FrozenDictionary<Guid, SignaturePolicyRow[]> _ofAgency;
    private readonly FrozenDictionary<string, SignaturePolicyRow[]> _ofOfficeSystem;
    private readonly SignaturePolicyRow[] _ofNationalRoute;
    private readonly SignaturePolicyRow[] _ofHub;

    public SignaturePolicies(IReadOnlyList<SignaturePolicyRow> rows)
    {
        Rows = rows;
        var latestFirst = rows.OrderByDescending(row => row.ValidFrom).ToArray();
        _ofAgency = latestFirst
            .Where(row => row.AgencyId is not null)
            .GroupBy(row => row.AgencyId!.Value)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray());
        _ofOfficeSystem = latestFirst
            .Where(row => row.OfficeSystemId is not null)
            .GroupBy(row => row.OfficeSystemId!, StringComparer.Ordinal)
            .ToFrozenDictionary(
                group => group.Key,
                group => group.ToArray(),
                StringComparer.Ordinal
            );
        _ofNationalRoute = [.. latestFirst.Where(row => row.Route is not null)];
        _ofHub = [.. latestFirst.Where(row => row is (null, null, null, _, _, _))];
    }

    public IReadOnlyList<SignaturePolicyRow> Rows { get; }

    /// <summary>The policy for what a sender hands in, in both directions.</summary>
    /// <param name="officeSystemId">Through which it comes; null for the gateway of the national axis.</param>
    /// <param name="sender">Null when the package names no agency that is known.</param>
    public SignaturePolicy For(string? officeSystemId, Agency? sender, DateTimeOffset at) =>
        (sender is null ? null : ValidAt(_ofAgency.GetValueOrDefault(sender.Id), at))
        ?? (
            officeSystemId is null
                ? null
                : ValidAt(_ofOfficeSystem.GetValueOrDefault(officeSystemId), at)
        )
        ?? (sender?.Reach == AgencyReach.National ? ValidAt(_ofNationalRoute, at) : null)
        ?? ValidAt(_ofHub, at)
        ?? SignaturePolicy.Either;

    private static SignaturePolicy? ValidAt(SignaturePolicyRow[]? rows, DateTimeOffset at)
    {
        foreach (var row in rows ?? [])
        {
            if (row.IsValidAt(at))
            {
                return row.Policy;
            }
        }
        return null;
    }
}
