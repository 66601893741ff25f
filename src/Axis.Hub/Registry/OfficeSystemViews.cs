using Axis.Hub.Access.Limits;
using Npgsql;

namespace Axis.Hub.Registry;

/// <summary>Documents handed in today, as this node knows it; two seconds behind the others at most.</summary>
public sealed record UsedTodayView(long Packages, long Bytes);

public sealed record SeenView(string Door, DateTimeOffset At, string? Remote);

public sealed record OfficeSystemView(
    string Id,
    string Name,
    string Status,
    Door InboxDoor,
    SignaturePolicy SignaturePolicy,
    bool CollectedIsArrival,
    bool AnnouncesArrivals,
    int? RequestsPerMinute,
    long? MaxPackageBytes,
    int? MaxConnections,
    int? PackagesPerDay,
    long? BytesPerDay,
    UsedTodayView UsedToday,
    IReadOnlyList<string> AllowedNetworks,
    string? ContactName,
    string? ContactMail,
    string? ContactPhone,
    int AgencyCount,
    IReadOnlyList<string> Agencies,
    int Secrets,
    IReadOnlyList<DateTimeOffset> SecretsUntil,
    IReadOnlyList<SeenView> Seen
);

/// <summary>Office systems as operators see them. Secrets are not among what can be seen.</summary>
public sealed class OfficeSystemViews(
    NpgsqlDataSource database,
    RegistryCache registry,
    DailyUsage usage,
    TimeProvider clock
)
{
    private const int MostAgencies = 1000;

    public async Task<IReadOnlyList<OfficeSystemView>> AllAsync(CancellationToken cancellationToken)
    {
        var seen = await SeenAsync(cancellationToken);
        var snapshot = registry.Current;
        return
        [
            .. snapshot
                .OfficeSystems.OrderBy(system => system.Id, StringComparer.Ordinal)
                .Select(system => Of(system, snapshot, seen, agencies: 0)),
        ];
    }

    public async Task<OfficeSystemView?> OneAsync(string id, CancellationToken cancellationToken)
    {
        var snapshot = registry.Current;
        return snapshot.OfficeSystem(id) is { } system
            ? Of(system, snapshot, await SeenAsync(cancellationToken), MostAgencies)
            : null;
    }

    private OfficeSystemView Of(
        OfficeSystem system,
        RegistrySnapshot snapshot,
        ILookup<string, SeenView> seen,
        int agencies
    ) =>
        new(
            system.Id,
            system.Name,
            system.IsActive ? "active" : "locked",
            system.InboxDoor,
            snapshot.SignaturePolicies.For(system.Id, null, clock.GetUtcNow()),
            system.CollectedIsArrival,
            system.AnnouncesArrivals,
            system.Limits.RequestsPerMinute,
            system.Limits.MaxPackageBytes,
            system.Limits.MaxConnections,
            system.Limits.PackagesPerDay,
            system.Limits.BytesPerDay,
            UsedTodayBy(system),
            [.. system.Limits.AllowedNetworks.Select(network => network.ToString())],
            system.Contact.Name,
            system.Contact.Mail,
            system.Contact.Phone,
            system.Agencies.Count,
            [
                .. system
                    .Agencies.Take(agencies)
                    .Select(id => snapshot.AgencyById(id)!.PrimaryCode)
                    .Order(StringComparer.Ordinal),
            ],
            SecretsOf(system, snapshot).Count(),
            [.. SecretsOf(system, snapshot).Where(end => end < DateTimeOffset.MaxValue).Order()],
            [.. seen[system.Id]]
        );

    private UsedTodayView UsedTodayBy(OfficeSystem system)
    {
        var used = usage.UsedToday(system.Id);
        return new(used.Packages, used.Bytes);
    }

    /// <summary>The ends of those that still serve.</summary>
    private IEnumerable<DateTimeOffset> SecretsOf(OfficeSystem system, RegistrySnapshot snapshot) =>
        snapshot
            .CredentialsOfOfficeSystem(system.Id)
            .Select(credential => credential.NotAfter)
            .Where(end => end > clock.GetUtcNow());

    private async Task<ILookup<string, SeenView>> SeenAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT office_system_id, door, at, remote FROM office_system_seen ORDER BY 1, 2"
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<(string Id, SeenView Seen)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(
                (
                    reader.GetString(0),
                    new(
                        reader.GetString(1),
                        reader.GetFieldValue<DateTimeOffset>(2),
                        await reader.IsDBNullAsync(3, cancellationToken)
                            ? null
                            : reader.GetString(3)
                    )
                )
            );
        }
        return rows.ToLookup(row => row.Id, row => row.Seen, StringComparer.Ordinal);
    }
}
