using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National.Catalogue;

/// <summary>The codes of our own agencies that the national axis is to take into its catalogue.</summary>
public sealed record RegisterThere(IReadOnlyList<string>? Codes);

/// <summary><c>/ops/v1/national/{axis}/catalogue</c>: the national axis' catalogue beside the registry.</summary>
public static class CatalogueEndpoints
{
    private const int MostShown = 200;
    private const int MostCodes = 1_000;

    public static void MapNationalCatalogue(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/ops/v1/national/{axis}").OnOperationsListener();
        group.MapGet("/catalogue", LastAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapPost("/catalogue", SyncAsync).RequireAuthorization(AccessPolicies.Registrar);
        group.MapPost("/agencies", RegisterAsync).RequireAuthorization(AccessPolicies.Registrar);
    }

    private static async Task<IResult> LastAsync(HttpContext context, string axis)
    {
        if (ProblemOf(context, axis) is { } problem)
        {
            return problem;
        }
        var run = await context
            .RequestServices.GetRequiredService<CatalogueRuns>()
            .ReadAsync(axis, context.RequestAborted);
        return Json(new { axis, last = run });
    }

    private static async Task<IResult> SyncAsync(
        HttpContext context,
        OperatorCaller caller,
        string axis
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var request = new CatalogueRequest(
            axis,
            caller.Id,
            Remote(context),
            IsTrue(given, "apply"),
            IsTrue(given, "closeMissing"),
            IsTrue(given, "force"),
            given.Number("expect")
        );
        if (given.Errors.Count > 0)
        {
            return Problem.Of(given.Errors).ToResult();
        }
        if (ProblemOf(context, axis) is { } problem)
        {
            return problem;
        }
        var outcome = await context
            .RequestServices.GetRequiredService<CatalogueSync>()
            .RunAsync(request, context.RequestAborted);
        // A dry run shows also what could not be applied; there is nothing to show of what could not be read.
        return outcome.Errors.Count > 0 && (request.Apply || outcome.Read == 0)
            ? Problem.Of([.. outcome.Errors]).ToResult()
            : Json(View(axis, outcome));
    }

    private static async Task<IResult> RegisterAsync(
        HttpContext context,
        OperatorCaller caller,
        string axis,
        RegisterThere? body
    )
    {
        if (ProblemOf(context, axis) is { } problem)
        {
            return problem;
        }
        if (body?.Codes is not { Count: >= 1 and <= MostCodes } codes)
        {
            return Problem
                .Of(RequestErrors.BadParameter.At("codes", null, "codes", $"1–{MostCodes}"))
                .ToResult();
        }
        var items = await context
            .RequestServices.GetRequiredService<CatalogueSync>()
            .RegisterAsync(axis, codes, caller.Id, Remote(context), context.RequestAborted);
        return Json(new { items });
    }

    private static object View(string axis, CatalogueOutcome outcome) =>
        new
        {
            axis,
            outcome.Version,
            outcome.Applied,
            outcome.Read,
            Counts = outcome
                .Changes.GroupBy(change => change.What)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.Count()),
            Changes = outcome
                .Changes.Take(MostShown)
                .Select(change => new
                {
                    change.Code,
                    change.What,
                    change.From,
                    change.To,
                }),
            // Those with letters first: they are what somebody has to look at.
            Closing = outcome
                .Closing.OrderByDescending(agency => agency.Waiting)
                .ThenBy(agency => agency.Code, StringComparer.Ordinal)
                .Take(MostShown),
            UnknownHere = outcome.Own.UnknownHere.Take(MostShown),
            NotThere = outcome.Own.NotThere.Take(MostShown),
            SkippedCount = outcome.Skipped.Count,
            Skipped = outcome.Skipped.Take(MostShown),
            Conflicts = outcome.SetAside.Concat(outcome.Errors).Take(MostShown),
        };

    private static IResult? ProblemOf(HttpContext context, string axis)
    {
        var axes = context
            .RequestServices.GetRequiredService<IOptions<NationalOptions>>()
            .Value.Axes;
        if (!axes.TryGetValue(axis, out var given))
        {
            return Problem.Of(RequestErrors.NotFound.At(null, axis, "axis")).ToResult();
        }
        return given.Kind == FarAxisKind.Vxp
            ? null
            : Problem.Of(CatalogueErrors.NoCatalogue.At(null, null, axis)).ToResult();
    }

    private static bool IsTrue(OpsParameters given, string name) =>
        given.OneOf(name, ["true", "false"]) == "true";

    private static string? Remote(HttpContext context) =>
        context.Connection.RemoteIpAddress?.ToString();

    private static IResult Json<T>(T answer) => Results.Json(answer, HubJson.Options);
}
