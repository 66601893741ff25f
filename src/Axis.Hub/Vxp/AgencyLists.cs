using Axis.EdXml;
using Axis.Hub.Registry;
using Axis.Vxp;
using Dapper;
using Npgsql;

namespace Axis.Hub.Vxp;

/// <summary>The catalogue as clients of the SDK read it, from the registry in memory.</summary>
public sealed class AgencyLists(
    NpgsqlDataSource database,
    RegistryCache registry,
    VxpClients clients,
    TimeProvider clock
)
{
    private const string Top = "0";

    // What counts versions fits into 31 bits until 2088.
    private static readonly DateTimeOffset VersionsFrom = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Who can be written to; a closed agency is not in it.</summary>
    public IReadOnlyList<AgencyItem> All()
    {
        var now = clock.GetUtcNow();
        return
        [
            .. Open()
                .Select(agency => new AgencyItem(
                    agency.Id.ToString(),
                    ParentOf(agency),
                    agency.PrimaryCode,
                    agency.Name,
                    agency.Email ?? "",
                    CodeOf(agency, AgencyCodeForm.Old, now)
                )),
        ];
    }

    /// <summary>With the code of QĐ 20/2020 and the older one. The level that clients ask for has no known meaning.</summary>
    public IReadOnlyList<AgencyQd20Item> Qd20()
    {
        var now = clock.GetUtcNow();
        return
        [
            .. Open()
                .Select(agency => new AgencyQd20Item(
                    agency.Id.ToString(),
                    CodeOf(agency, AgencyCodeForm.Qd20, now) is { Length: > 0 } code
                        ? code
                        : agency.PrimaryCode,
                    agency.Name,
                    agency.Email ?? "",
                    CodeOf(agency, AgencyCodeForm.Old, now)
                )),
        ];
    }

    /// <summary>All units with their last change, closed ones marked as deleted.</summary>
    public async Task<IReadOnlyList<UnitItem>> UnitsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var changes = (
            await connection.QueryAsync<(Guid Id, DateTime ChangedAt)>(
                new CommandDefinition(
                    "SELECT id, changed_at FROM agency",
                    cancellationToken: cancellationToken
                )
            )
        ).ToDictionary(row => row.Id, row => new DateTimeOffset(row.ChangedAt, TimeSpan.Zero));
        var systemIds = await clients.SystemIdsAsync(cancellationToken);
        var snapshot = registry.Current;
        var now = clock.GetUtcNow();
        return
        [
            .. Sorted(snapshot.Agencies.Where(agency => agency.PrimaryCode.Length > 0))
                .Select(agency =>
                {
                    var changed = changes.GetValueOrDefault(agency.Id, VersionsFrom);
                    var servedBy = snapshot.OfficeSystemOf(agency.Id, now)?.Id ?? "";
                    return new UnitItem(
                        agency.Id.ToString(),
                        ParentOf(agency),
                        agency.PrimaryCode,
                        agency.Name,
                        agency.Email ?? "",
                        (int)Math.Clamp((changed - VersionsFrom).TotalSeconds, 0, int.MaxValue),
                        systemIds.GetValueOrDefault(servedBy, servedBy),
                        agency.Status == AgencyStatus.Closed,
                        VxpWords.Time(changed),
                        agency.Kind != "axis"
                    );
                }),
        ];
    }

    private IEnumerable<Agency> Open() =>
        Sorted(
            registry.Current.Agencies.Where(agency =>
                agency.Status != AgencyStatus.Closed && agency.PrimaryCode.Length > 0
            )
        );

    private static IEnumerable<Agency> Sorted(IEnumerable<Agency> agencies) =>
        agencies.OrderBy(agency => agency.PrimaryCode, StringComparer.Ordinal);

    private static string ParentOf(Agency agency) => agency.ParentId?.ToString() ?? Top;

    private static string CodeOf(Agency agency, AgencyCodeForm form, DateTimeOffset now) =>
        agency
            .Codes.Where(code => code.IsValidAt(now))
            .Select(code => code.Code)
            .FirstOrDefault(code => AgencyCode.TryParse(code, out var read) && read.Form == form)
        ?? "";
}
