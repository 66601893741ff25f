using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;

namespace Axis.Hub.Registry;

/// <summary>
/// The whole registry at one version, immutable: whoever holds a snapshot sees one consistent state, without locks
/// and without the database. Take it once per request and decide everything from it.
/// </summary>
/// <remarks>
/// Codes and services have a time; methods that take an instant answer for that instant. What has no such parameter
/// (<see cref="Agency.PrimaryCode"/>, <see cref="OfficeSystem.Agencies"/>) is as of <see cref="TakenAt"/>, and the
/// cache takes a new snapshot at <see cref="ChangesAt"/> even if nobody changes the tables.
/// </remarks>
public sealed class RegistrySnapshot
{
    private readonly FrozenDictionary<Guid, Agency> _agencies;
    private readonly FrozenDictionary<string, CodeOwner[]> _codes;
    private readonly FrozenDictionary<string, OfficeSystem> _officeSystems;
    private readonly FrozenDictionary<Guid, ServiceRow[]> _services;
    private readonly FrozenDictionary<string, Operator> _operators;
    private readonly FrozenDictionary<string, Credential[]> _officeSystemCredentials;
    private readonly FrozenDictionary<string, Credential[]> _operatorCredentials;

    private readonly FrozenDictionary<Guid, RegisteredCertificate[]> _certificates;

    public RegistrySnapshot(RegistryRows rows, DateTimeOffset takenAt)
    {
        Version = rows.Version;
        TakenAt = takenAt;
        ChangesAt = FirstEdgeAfter(takenAt, rows);

        var codesOf = rows
            .Codes.GroupBy(row => row.AgencyId)
            .ToDictionary(
                group => group.Key,
                group => ShownFirst(group.Select(row => row.Validity), takenAt)
            );
        _agencies = rows.Agencies.ToFrozenDictionary(
            row => row.Id,
            row => AgencyOf(row, codesOf.GetValueOrDefault(row.Id, []))
        );
        _codes = rows
            .Codes.GroupBy(row => row.Validity.Code, StringComparer.Ordinal)
            .ToFrozenDictionary(
                group => group.Key,
                group =>
                    group
                        .Select(row => new CodeOwner(row.Validity, _agencies[row.AgencyId]))
                        .ToArray(),
                StringComparer.Ordinal
            );

        var agenciesOf = rows
            .Services.Where(row => row.Since <= takenAt && takenAt < row.Until)
            .ToLookup(row => row.OfficeSystemId, row => row.AgencyId, StringComparer.Ordinal);
        _officeSystems = rows.OfficeSystems.ToFrozenDictionary(
            row => row.Id,
            row => new OfficeSystem(
                row.Id,
                row.Name,
                row.IsActive,
                row.InboxDoor,
                row.SignaturePolicy,
                agenciesOf[row.Id].ToFrozenSet()
            ),
            StringComparer.Ordinal
        );
        _services = rows
            .Services.GroupBy(row => row.AgencyId)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray());

        _operators = rows.Operators.ToFrozenDictionary(row => row.Id, StringComparer.Ordinal);
        _certificates = rows
            .Certificates.GroupBy(row => row.AgencyId, row => row.Certificate)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray());
        LoadedCertificates = rows
            .Certificates.DistinctBy(row => row.Thumbprint)
            .ToFrozenDictionary(
                row => row.Thumbprint,
                row => row.Certificate.Certificate,
                StringComparer.Ordinal
            );
        _officeSystemCredentials = CredentialsBy(rows, row => row.OfficeSystemId);
        _operatorCredentials = CredentialsBy(rows, row => row.OperatorId);
    }

    /// <summary>registry_version of the tables this was read from.</summary>
    public long Version { get; }

    public DateTimeOffset TakenAt { get; }

    /// <summary>The first instant after <see cref="TakenAt"/> at which a code or a service begins or ends.</summary>
    public DateTimeOffset ChangesAt { get; }

    public IReadOnlyCollection<Agency> Agencies => _agencies.Values;

    public IReadOnlyCollection<OfficeSystem> OfficeSystems => _officeSystems.Values;

    public IReadOnlyCollection<Operator> Operators => _operators.Values;

    /// <summary>By thumbprint, so that the next snapshot need not parse them again.</summary>
    internal IReadOnlyDictionary<string, X509Certificate2> LoadedCertificates { get; }

    /// <summary>The agency that a code names at an instant: any of its codes valid then, by exact text.</summary>
    public bool TryFindAgency(
        string code,
        DateTimeOffset at,
        [NotNullWhen(true)] out Agency? agency
    )
    {
        agency = null;
        if (_codes.TryGetValue(code, out var owners))
        {
            foreach (var owner in owners)
            {
                if (owner.Validity.IsValidAt(at))
                {
                    agency = owner.Agency;
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>Who had a code last, at whatever time; for saying "this code ended on ..." and for old letters.</summary>
    public Agency? LastOwnerOf(string code) =>
        _codes.TryGetValue(code, out var owners)
            ? owners.MaxBy(owner => owner.Validity.ValidTo)!.Agency
            : null;

    public Agency? AgencyById(Guid id) => _agencies.GetValueOrDefault(id);

    public OfficeSystem? OfficeSystem(string id) => _officeSystems.GetValueOrDefault(id);

    /// <summary>The office system that speaks for an agency at an instant, locked or not; null when none does.</summary>
    public OfficeSystem? OfficeSystemOf(Guid agencyId, DateTimeOffset at)
    {
        if (_services.TryGetValue(agencyId, out var services))
        {
            foreach (var service in services)
            {
                if (service.Since <= at && at < service.Until)
                {
                    return _officeSystems.GetValueOrDefault(service.OfficeSystemId);
                }
            }
        }
        return null;
    }

    public Operator? Operator(string id) => _operators.GetValueOrDefault(id);

    /// <summary>Every certificate bound to an agency, expired and revoked ones included.</summary>
    public IReadOnlyList<RegisteredCertificate> CertificatesOf(Guid agencyId) =>
        _certificates.GetValueOrDefault(agencyId, []);

    public IReadOnlyList<Credential> CredentialsOfOfficeSystem(string id) =>
        _officeSystemCredentials.GetValueOrDefault(id, []);

    public IReadOnlyList<Credential> CredentialsOfOperator(string id) =>
        _operatorCredentials.GetValueOrDefault(id, []);

    private static Agency AgencyOf(AgencyRow row, AgencyCodeValidity[] codes) =>
        new(
            row.Id,
            // An agency without any code cannot be addressed, but it can be the parent of others.
            codes.Length == 0
                ? ""
                : codes[0].Code,
            codes,
            row.Name,
            row.Reach,
            row.Status,
            row.Kind,
            row.InCharge,
            row.ParentId,
            row.Email
        );

    private static AgencyCodeValidity[] ShownFirst(
        IEnumerable<AgencyCodeValidity> codes,
        DateTimeOffset at
    ) =>
        [
            .. codes
                .OrderByDescending(code => code.IsPrimary && code.IsValidAt(at))
                .ThenByDescending(code => code.IsValidAt(at))
                .ThenByDescending(code => code.IsPrimary)
                .ThenByDescending(code => code.ValidFrom)
                .ThenBy(code => code.Code, StringComparer.Ordinal),
        ];

    private static FrozenDictionary<string, Credential[]> CredentialsBy(
        RegistryRows rows,
        Func<CredentialRow, string?> holder
    ) =>
        rows
            .Credentials.Where(row => holder(row) is not null)
            .GroupBy(row => holder(row)!, row => row.Credential, StringComparer.Ordinal)
            .ToFrozenDictionary(
                group => group.Key,
                group => group.ToArray(),
                StringComparer.Ordinal
            );

    private static DateTimeOffset FirstEdgeAfter(DateTimeOffset instant, RegistryRows rows) =>
        rows
            .Codes.SelectMany(row =>
                (DateTimeOffset[])[row.Validity.ValidFrom, row.Validity.ValidTo]
            )
            .Concat(rows.Services.SelectMany(row => (DateTimeOffset[])[row.Since, row.Until]))
            .Where(edge => edge > instant)
            .DefaultIfEmpty(DateTimeOffset.MaxValue)
            .Min();

    private readonly record struct CodeOwner(AgencyCodeValidity Validity, Agency Agency);
}
