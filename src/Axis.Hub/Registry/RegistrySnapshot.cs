using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Axis.Hub.Access;
using Axis.Signatures;

namespace Axis.Hub.Registry;

/// <summary>
/// The whole registry at one version, immutable: whoever holds a snapshot sees one consistent state, without locks
/// and without the database. Take it once per request and decide everything from it.
/// </summary>
/// <remarks>
/// Codes, services and successions have a time; methods that take an instant answer for that instant. What has no such
/// parameter (<see cref="Agency.PrimaryCode"/>, <see cref="OfficeSystem.Agencies"/>) is as of <see cref="TakenAt"/>;
/// <see cref="RegistryCache.Current"/> is never past its <see cref="ChangesAt"/>.
/// </remarks>
public sealed partial class RegistrySnapshot
{
    private readonly SnapshotParts _parts;
    private readonly FrozenDictionary<string, OfficeSystem> _officeSystems;
    private readonly SmallTables _small;

    public RegistrySnapshot(RegistryRows rows, DateTimeOffset takenAt)
        : this(rows.Version, takenAt, Whole(RegistryFacts.Of(rows), takenAt), SmallTables.Of(rows))
    { }

    private RegistrySnapshot(
        long version,
        DateTimeOffset takenAt,
        SnapshotBuilder built,
        SmallTables small
    )
    {
        Version = version;
        TakenAt = takenAt;
        _parts = new(built.Agencies, built.Codes, built.Predecessors, built.Edges, built.Served);
        _small = small;
        ChangesAt = built.Edges.Count == 0 ? DateTimeOffset.MaxValue : built.Edges.Values.Min();
        var inherited = Inheritance(takenAt);
        _officeSystems = small.OfficeSystems.ToFrozenDictionary(
            row => row.Id,
            row => new OfficeSystem(
                row.Id,
                row.Name,
                row.IsActive,
                row.InboxDoor,
                _parts.Served.TryGetValue(row.Id, out var served) ? served : FrozenSet<Guid>.Empty
            )
            {
                Inherited = inherited.TryGetValue(row.Id, out var closed)
                    ? closed
                    : FrozenSet<Guid>.Empty,
                Limits = row.Limits,
                Contact = row.Contact,
                CollectedIsArrival = row.CollectedIsArrival,
                AnnouncesArrivals = row.AnnouncesArrivals,
            },
            StringComparer.Ordinal
        );
    }

    /// <summary>registry_version of the tables this was read from.</summary>
    public long Version { get; }

    public DateTimeOffset TakenAt { get; }

    /// <summary>The first instant after <see cref="TakenAt"/> at which something begins or ends.</summary>
    public DateTimeOffset ChangesAt { get; }

    public IReadOnlyCollection<Agency> Agencies => _parts.Agencies.Values;

    public IReadOnlyCollection<OfficeSystem> OfficeSystems => _officeSystems.Values;

    public IReadOnlyCollection<Operator> Operators => _small.Operators.Values;

    /// <summary>What is asked of signatures, of whom and when.</summary>
    public SignaturePolicies SignaturePolicies => _small.SignaturePolicies;

    /// <summary>By thumbprint, so that the next snapshot need not parse them again.</summary>
    internal IEnumerable<CertificateRow> LoadedCertificates =>
        _parts.Agencies.Values.SelectMany(agency => agency.Facts.Certificates);

    /// <summary>The same registry with the changes of a later version.</summary>
    public RegistrySnapshot With(RegistryChanges changes, DateTimeOffset at)
    {
        var builder = new SnapshotBuilder(_parts, at);
        builder.Advance();
        foreach (var id in changes.Touched)
        {
            builder.Remove(id);
        }
        foreach (var facts in RegistryFacts.Of(changes.Rows))
        {
            builder.Put(facts);
        }
        return new(changes.Rows.Version, at, builder, SmallTables.Of(changes.Rows));
    }

    /// <summary>The same version as of a later instant.</summary>
    public RegistrySnapshot At(DateTimeOffset at)
    {
        var builder = new SnapshotBuilder(_parts, at);
        builder.Advance();
        return new(Version, at, builder, _small);
    }

    /// <summary>The agency that a code names at an instant: any of its codes valid then, by exact text.</summary>
    public bool TryFindAgency(
        string code,
        DateTimeOffset at,
        [NotNullWhen(true)] out Agency? agency
    )
    {
        agency = null;
        if (_parts.Codes.TryGetValue(code, out var owners))
        {
            foreach (ref readonly var owner in owners.AsSpan())
            {
                if (owner.From <= at && at < owner.To)
                {
                    agency = _parts.Agencies[owner.AgencyId];
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>Who had a code last, at whatever time; for saying "this code ended on ..." and for old letters.</summary>
    public Agency? LastOwnerOf(string code) =>
        _parts.Codes.TryGetValue(code, out var owners)
            ? _parts.Agencies[owners.MaxBy(owner => owner.To).AgencyId]
            : null;

    public Agency? AgencyById(Guid id) => _parts.Agencies.GetValueOrDefault(id);

    public OfficeSystem? OfficeSystem(string id) => _officeSystems.GetValueOrDefault(id);

    /// <summary>The office system that speaks for an agency at an instant, locked or not; null when none does.</summary>
    public OfficeSystem? OfficeSystemOf(Guid agencyId, DateTimeOffset at) =>
        _parts.Agencies.TryGetValue(agencyId, out var agency)
        && agency.Facts.ServedBy(at) is { } system
            ? _officeSystems.GetValueOrDefault(system)
            : null;

    public Operator? Operator(string id) => _small.Operators.GetValueOrDefault(id);

    /// <summary>Every certificate bound to an agency, expired and revoked ones included.</summary>
    public IReadOnlyList<RegisteredCertificate> CertificatesOf(Guid agencyId) =>
        _parts.Agencies.TryGetValue(agencyId, out var agency)
        && agency.Facts.Certificates.Length > 0
            ? Array.ConvertAll(agency.Facts.Certificates, row => row.Certificate)
            : [];

    /// <summary>The public keys and certificates of all office systems.</summary>
    public ClientKeys ClientKeys => _small.ClientKeys;

    public IReadOnlyList<Credential> CredentialsOfOfficeSystem(string id) =>
        _small.OfficeSystemCredentials.GetValueOrDefault(id, []);

    public IReadOnlyList<Credential> CredentialsOfOperator(string id) =>
        _small.OperatorCredentials.GetValueOrDefault(id, []);

    /// <summary>
    /// Whether a secret, key or certificate (<see cref="ProofName"/>) still proves its holder. One look-up: it is asked at
    /// every request.
    /// </summary>
    public bool IsInForce(string proof, Holder holder, DateTimeOffset at) =>
        _small.Proofs.TryGetValue(proof, out var registered)
        && registered.Holder == holder
        && registered.From <= at
        && at < registered.To;

    private static SnapshotBuilder Whole(IReadOnlyList<AgencyFacts> facts, DateTimeOffset at)
    {
        var builder = new SnapshotBuilder(at, facts.Count);
        foreach (var one in facts)
        {
            builder.Put(one);
        }
        return builder;
    }
}
