using Axis.Signatures;

namespace Axis.Hub.Registry;

/// <summary>The tables of the registry as read in one transaction; what a snapshot is built from.</summary>
public sealed record RegistryRows(
    long Version,
    IReadOnlyList<AgencyRow> Agencies,
    IReadOnlyList<AgencyCodeRow> Codes,
    IReadOnlyList<OfficeSystemRow> OfficeSystems,
    IReadOnlyList<ServiceRow> Services,
    IReadOnlyList<Operator> Operators,
    IReadOnlyList<CredentialRow> Credentials,
    IReadOnlyList<CertificateRow> Certificates
)
{
    public IReadOnlyList<SuccessionRow> Successions { get; init; } = [];

    public IReadOnlyList<PlanRow> Plans { get; init; } = [];

    public IReadOnlyList<SignaturePolicyRow> SignaturePolicies { get; init; } = [];

    public IReadOnlyList<ClientKey> ClientKeys { get; init; } = [];
}

/// <summary>
/// What changed since an earlier snapshot: the agencies touched with all rows of theirs (one without an agency row is
/// gone), and the small tables whole.
/// </summary>
public sealed record RegistryChanges(RegistryRows Rows, IReadOnlyCollection<Guid> Touched);

public sealed record AgencyRow(
    Guid Id,
    string Name,
    string? InCharge,
    Guid? ParentId,
    string Kind,
    AgencyReach Reach,
    AgencyStatus Status,
    string? Email
)
{
    public DateTimeOffset ClosedAt { get; init; } = DateTimeOffset.MaxValue;

    public int? Level { get; init; }
}

public sealed record AgencyCodeRow(Guid AgencyId, AgencyCodeValidity Validity);

public sealed record OfficeSystemRow(string Id, string Name, bool IsActive, Door InboxDoor)
{
    public OfficeSystemLimits Limits { get; init; } = OfficeSystemLimits.None;

    public OfficeSystemContact Contact { get; init; } = OfficeSystemContact.None;

    public bool CollectedIsArrival { get; init; }

    public bool AnnouncesArrivals { get; init; }
}

public sealed record SuccessionRow(Guid AgencyId, Succession Succession);

public sealed record PlanRow(Guid AgencyId, AgencyPlan Plan);

/// <summary>An office system speaks for an agency in [Since, Until).</summary>
public sealed record ServiceRow(
    Guid AgencyId,
    string OfficeSystemId,
    DateTimeOffset Since,
    DateTimeOffset Until
);

/// <summary>Exactly one of the two holders is set.</summary>
public sealed record CredentialRow(
    string? OfficeSystemId,
    string? OperatorId,
    Credential Credential
);

/// <summary><c>Thumbprint</c> is the SHA-256 of the DER bytes in hexadecimal.</summary>
public sealed record CertificateRow(
    Guid AgencyId,
    string Thumbprint,
    RegisteredCertificate Certificate
);
