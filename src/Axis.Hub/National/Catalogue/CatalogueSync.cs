using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Registry.Editing;
using Axis.Vxp;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National.Catalogue;

/// <summary>How a reading is to be done.</summary>
/// <param name="CloseMissing">Agencies that the lists do not name are closed, not only those called deleted.</param>
/// <param name="Force">However many are closed by it.</param>
public sealed record CatalogueRequest(
    string Axis,
    string Actor,
    string? Remote,
    bool Apply,
    bool CloseMissing = false,
    bool Force = false,
    long? Expect = null
);

/// <summary>What a reading showed, and did.</summary>
/// <param name="Read">Agencies in the lists, after repeats were made one.</param>
/// <param name="Errors">Why nothing was applied; empty otherwise.</param>
public sealed record CatalogueOutcome(
    long Version,
    bool Applied,
    int Read,
    IReadOnlyList<AgencyChange> Changes,
    IReadOnlyList<ClosingAgency> Closing,
    OwnDifference Own,
    IReadOnlyList<SkippedAgency> Skipped,
    IReadOnlyList<ErrorItem> SetAside,
    IReadOnlyList<ErrorItem> Errors
);

/// <summary>What came of registering one of our agencies at the national axis.</summary>
/// <param name="Failure">Null when it is registered there.</param>
public sealed record RegisteredAgency(string Code, string? Failure);

/// <summary>Brings the registry in line with the national axis' catalogue, or shows what that would change.</summary>
internal sealed class CatalogueSync(
    FarCatalogue far,
    FarAxes axes,
    RegistryEditing editing,
    RegistryCache registry,
    CatalogueRuns runs,
    AuditLog audit,
    IOptions<CatalogueSyncOptions> options,
    TimeProvider clock
)
{
    public async Task<CatalogueOutcome> RunAsync(
        CatalogueRequest request,
        CancellationToken cancellationToken
    )
    {
        var (merge, fault) = await far.ReadAsync(request.Axis, cancellationToken);
        if (merge is null)
        {
            var failure = $"{fault!.Kind} {fault.Code} {fault.Message}";
            await runs.WriteAsync(
                request.Axis,
                new CatalogueRun(clock.GetUtcNow(), false, 0, 0, 0, 0, failure),
                cancellationToken
            );
            return Nothing(CatalogueErrors.Unreadable.At(null, null, request.Axis, failure));
        }
        var plan = new CataloguePlan(merge, axes, options.Value.MostClosed);
        var outcome = await editing.RunAsync(
            (snapshot, now) => plan.Of(snapshot, now, request.CloseMissing, request.Force),
            new EditRequest(
                AuditActions.SyncCatalogue,
                request.Actor,
                request.Remote,
                request.Apply,
                request.Expect
            ),
            cancellationToken
        );
        return await ToldAsync(request, merge, plan, outcome, cancellationToken);
    }

    /// <summary>Asks the national axis to take agencies of this province into its catalogue.</summary>
    public async Task<IReadOnlyList<RegisteredAgency>> RegisterAsync(
        string axis,
        IReadOnlyList<string> codes,
        string actor,
        string? remote,
        CancellationToken cancellationToken
    )
    {
        var results = new List<RegisteredAgency>(codes.Count);
        foreach (var code in codes)
        {
            var failure = await RegisterOneAsync(axis, code, cancellationToken);
            results.Add(new RegisteredAgency(code, failure));
            await audit.RecordAsync(
                AuditActions.RegisterThere,
                failure is null ? AuditOutcome.Ok : AuditOutcome.Refused,
                actor,
                remote,
                new
                {
                    axis,
                    code,
                    failure,
                }
            );
        }
        return results;
    }

    private async Task<string?> RegisterOneAsync(
        string axis,
        string code,
        CancellationToken cancellationToken
    )
    {
        var snapshot = registry.Current;
        var now = clock.GetUtcNow();
        if (
            !snapshot.TryFindAgency(code, now, out var agency)
            || agency.Reach != AgencyReach.Province
            || agency.IsClosedAt(now)
        )
        {
            return "no open agency of this province has the code";
        }
        var parent = agency.ParentId is { } id ? snapshot.AgencyById(id)?.PrimaryCode : null;
        var fault = await far.RegisterAsync(
            axis,
            new AgencyRegistration(
                agency.Id.ToString(),
                parent ?? "",
                agency.PrimaryCode,
                agency.Name,
                agency.Email ?? "",
                "",
                ""
            ),
            cancellationToken
        );
        return fault is null ? null : $"{fault.Kind} {fault.Code} {fault.Message}";
    }

    private async Task<CatalogueOutcome> ToldAsync(
        CatalogueRequest request,
        CatalogueMerge merge,
        CataloguePlan plan,
        EditOutcome outcome,
        CancellationToken cancellationToken
    )
    {
        var underWay = await runs.UnderWayAsync(
            [.. plan.Closing.Select(agency => agency.Id).Union(plan.Closed)],
            cancellationToken
        );
        var told = new CatalogueOutcome(
            outcome.Version,
            outcome.Applied,
            merge.Agencies.Count,
            outcome.Plan.Edit?.Changes ?? [],
            [
                .. plan.Closing.Select(agency =>
                    underWay.TryGetValue(agency.Id, out var letters)
                        ? new ClosingAgency(
                            agency.PrimaryCode,
                            agency.Name,
                            letters.Count,
                            letters.OldestAt
                        )
                        : new ClosingAgency(agency.PrimaryCode, agency.Name, 0, null)
                ),
            ],
            plan.Own,
            merge.Skipped,
            plan.SetAside,
            outcome.Plan.Errors
        );
        await runs.WriteAsync(
            request.Axis,
            new CatalogueRun(
                clock.GetUtcNow(),
                told.Applied,
                told.Changes.Count,
                told.SetAside.Count,
                told.Closing.Count,
                underWay.Values.Sum(letters => letters.Count),
                Failure: null
            ),
            cancellationToken
        );
        return told;
    }

    private static CatalogueOutcome Nothing(ErrorItem error) =>
        new(0, Applied: false, 0, [], [], new OwnDifference([], []), [], [], [error]);
}
