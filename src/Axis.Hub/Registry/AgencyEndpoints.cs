using System.Globalization;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry.Editing;
using Microsoft.AspNetCore.Mvc;

namespace Axis.Hub.Registry;

/// <summary>Acts on a single agency. <c>At</c> absent: now.</summary>
public sealed record CloseAgency(DateTimeOffset? At);

public sealed record SucceedAgency(
    IReadOnlyList<string>? Successors,
    SuccessionKind? Kind,
    DateTimeOffset? At
);

/// <summary>The registrar's half of the ops API: search, catalogue, reorganisation, closing and succeeding.</summary>
public static class AgencyEndpoints
{
    /// <summary>A catalogue of the whole country is about 20 MB.</summary>
    private const int MaxFileBytes = 64 * 1024 * 1024;
    private const int MostChangesShown = 200;

    public static void MapRegistry(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/ops/v1").OnOperationsListener();
        group.MapGet("/agencies", SearchAsync).RequireAuthorization(AccessPolicies.Viewer);
        group
            .MapGet("/agencies/{code}/changes", ChangesAsync)
            .RequireAuthorization(AccessPolicies.Viewer);
        group.MapGet("/catalogue", ExportAsync).RequireAuthorization(AccessPolicies.Viewer);
        var limit = new RequestSizeLimitAttribute(MaxFileBytes);
        group
            .MapPost("/catalogue", ImportAsync)
            .RequireAuthorization(AccessPolicies.Registrar)
            .WithMetadata(limit);
        group
            .MapPost("/reorganisations", ReorganiseAsync)
            .RequireAuthorization(AccessPolicies.Registrar)
            .WithMetadata(limit);
        group
            .MapPost("/agencies/{code}/close", CloseAsync)
            .RequireAuthorization(AccessPolicies.Registrar);
        group
            .MapPost("/agencies/{code}/successors", SucceedAsync)
            .RequireAuthorization(AccessPolicies.Registrar);
        OfficeSystemEndpoints.Map(group);
    }

    private static async Task<IResult> SearchAsync(HttpContext context, AgencySearch search)
    {
        var given = new OpsParameters(context.Request.Query);
        var (question, limit) = (given.Text("q"), given.Limit());
        if (question is not { Length: <= 200 })
        {
            given.Refuse<string>("q", question, "1–200");
        }
        return given.Errors.Count > 0
            ? Problem.Of(given.Errors).ToResult()
            : Json(
                new { items = await search.FindAsync(question!, limit, context.RequestAborted) }
            );
    }

    private static async Task<IResult> ChangesAsync(
        HttpContext context,
        string code,
        AgencySearch search,
        RegistryCache registry
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var (limit, before) = (given.Limit(), given.Number("before"));
        if (given.Errors.Count > 0)
        {
            return Problem.Of(given.Errors).ToResult();
        }
        return registry.Current.LastOwnerOf(code) is { } agency
            ? Json(
                new
                {
                    items = await search.ChangesAsync(
                        agency.Id,
                        limit,
                        before,
                        context.RequestAborted
                    ),
                }
            )
            : NoSuch(code);
    }

    private static async Task ExportAsync(
        HttpContext context,
        CatalogueExport export,
        TimeProvider clock
    )
    {
        var json = context.Request.Query["format"] == "json";
        context.Response.ContentType = json ? "application/json" : "text/csv; charset=utf-8";
        await export.WriteAsync(
            context.Response.Body,
            json,
            clock.GetUtcNow(),
            context.RequestAborted
        );
    }

    private static async Task<IResult> ImportAsync(
        HttpContext context,
        OperatorCaller caller,
        RegistryEditing editing
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var request = RequestOf(context, caller, AuditActions.ImportCatalogue, given);
        var reach = given.OneOf("reach", ["province", "national"]);
        var closeMissing = given.OneOf("closeMissing", ["true", "false"]) == "true";
        if (given.Errors.Count > 0)
        {
            return Problem.Of(given.Errors).ToResult();
        }
        var errors = new List<ErrorItem>();
        var entries = CatalogueFile.Read(await BodyAsync(context), IsJson(context), errors);
        if (errors.Count > 0)
        {
            return Problem.Of(errors).ToResult();
        }
        var options = new CatalogueOptions(
            reach == "province" ? AgencyReach.Province : AgencyReach.National,
            closeMissing
        );
        return Told(
            await editing.RunAsync(
                (registry, now) => CatalogueDifference.Of(entries, registry, now, options),
                request,
                context.RequestAborted
            ),
            request
        );
    }

    private static async Task<IResult> ReorganiseAsync(
        HttpContext context,
        OperatorCaller caller,
        RegistryEditing editing
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var request = RequestOf(context, caller, AuditActions.Reorganise, given);
        var effective = Instant(given, "effective");
        if (effective is null && given.Errors.Count == 0)
        {
            given.Refuse<string>("effective", null, "2026-07-01 | 2026-07-01T00:00:00+07:00");
        }
        if (given.Errors.Count > 0)
        {
            return Problem.Of(given.Errors).ToResult();
        }
        var errors = new List<ErrorItem>();
        var acts = ReorganisationFile.Read(await BodyAsync(context), IsJson(context), errors);
        return errors.Count > 0
            ? Problem.Of(errors).ToResult()
            : Told(
                await editing.RunAsync(
                    (registry, _) => Reorganisation.Of(acts, registry, effective!.Value),
                    request,
                    context.RequestAborted
                ),
                request
            );
    }

    private static async Task<IResult> CloseAsync(
        HttpContext context,
        OperatorCaller caller,
        string code,
        CloseAgency? body,
        RegistryEditing editing,
        RegistryCache registry
    ) =>
        registry.Current.LastOwnerOf(code) is null
            ? NoSuch(code)
            : await OneActAsync(
                context,
                caller,
                editing,
                AuditActions.CloseAgency,
                [new(Row(code), ReorganisationAct.Close, code, null, null, null, null, null)],
                body?.At
            );

    private static async Task<IResult> SucceedAsync(
        HttpContext context,
        OperatorCaller caller,
        string code,
        SucceedAgency? body,
        RegistryEditing editing,
        RegistryCache registry
    )
    {
        if (registry.Current.LastOwnerOf(code) is null)
        {
            return NoSuch(code);
        }
        if (body?.Successors is not { Count: >= 1 and <= 1000 } successors)
        {
            return Problem
                .Of(RequestErrors.BadParameter.At("successors", null, "successors", "1–1000"))
                .ToResult();
        }
        var act =
            body.Kind == SuccessionKind.Split || successors.Count > 1
                ? ReorganisationAct.Split
                : ReorganisationAct.Merge;
        return await OneActAsync(
            context,
            caller,
            editing,
            AuditActions.SucceedAgency,
            [
                .. successors.Select(successor => new ReorganisationRow(
                    Row(code),
                    act,
                    code,
                    successor,
                    null,
                    null,
                    null,
                    null
                )),
            ],
            body.At
        );
    }

    private static async Task<IResult> OneActAsync(
        HttpContext context,
        OperatorCaller caller,
        RegistryEditing editing,
        string action,
        IReadOnlyList<ReorganisationRow> acts,
        DateTimeOffset? at
    )
    {
        var request = new EditRequest(action, caller.Id, Remote(context), Apply: true);
        return Told(
            await editing.RunAsync(
                (registry, now) => Reorganisation.Of(acts, registry, at ?? now),
                request,
                context.RequestAborted
            ),
            request
        );
    }

    private static SheetRow Row(string code) =>
        new(new Dictionary<string, Import.CsvField> { ["agency"] = new(code, 0, 0) }, line: 0);

    private static IResult Told(EditOutcome outcome, EditRequest request)
    {
        // A dry run shows its conflicts as part of the difference; what was to be applied is refused by them.
        if (outcome.Plan.Errors.Count > 0 && (request.Apply || outcome.Plan.Edit is null))
        {
            return Problem.Of(outcome.Plan.Errors).ToResult();
        }
        var changes = outcome.Plan.Edit!.Changes;
        return Json(
            new
            {
                outcome.Version,
                outcome.Applied,
                Counts = changes
                    .GroupBy(change => change.What)
                    .OrderBy(group => group.Key, StringComparer.Ordinal)
                    .ToDictionary(group => group.Key, group => group.Count()),
                Changes = changes
                    .Take(MostChangesShown)
                    .Select(change => new
                    {
                        change.Code,
                        change.What,
                        change.From,
                        change.To,
                    }),
                Conflicts = outcome.Plan.Errors,
            }
        );
    }

    private static EditRequest RequestOf(
        HttpContext context,
        OperatorCaller caller,
        string action,
        OpsParameters given
    ) =>
        new(
            action,
            caller.Id,
            Remote(context),
            given.OneOf("apply", ["true", "false"]) == "true",
            given.Number("expect")
        );

    /// <summary>A day begins at midnight in Việt Nam; an instant says its own zone.</summary>
    internal static DateTimeOffset? Instant(OpsParameters given, string name)
    {
        if (given.Text(name) is not { } text)
        {
            return null;
        }
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", out var day))
        {
            return new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.FromHours(7));
        }
        return
            DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.RoundtripKind,
                out var instant
            ) && text.Contains('T', StringComparison.Ordinal)
            ? instant
            : given.Refuse<DateTimeOffset?>(name, text, "2026-07-01 | 2026-07-01T00:00:00+07:00");
    }

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.ToArray();
    }

    private static bool IsJson(HttpContext context) =>
        context.Request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) == true;

    internal static string? Remote(HttpContext context) =>
        context.Connection.RemoteIpAddress?.ToString();

    private static IResult NoSuch(string code) =>
        Problem.Of(RequestErrors.NotFound.At("code", code, Words.Agency)).ToResult();

    private static IResult Json<T>(T answer) => Results.Json(answer, HubJson.Options);
}
