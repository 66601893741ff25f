using Axis.Hub.Access;
using Axis.Hub.Broker;
using Axis.Hub.Errors;
using Axis.Hub.Registry.Editing;

namespace Axis.Hub.Registry;

/// <summary>From <c>At</c> on (absent: now) the office system serves these agencies; whoever did before does no more.</summary>
public sealed record ServeAgencies(IReadOnlyList<string>? Agencies, DateTimeOffset? At);

/// <summary>The old secrets stay valid for so long; absent: a week.</summary>
public sealed record RotateSecret(int? OverlapHours);

/// <summary>Office systems in the ops API: add, change, rotate, lock, serve, show.</summary>
public static class OfficeSystemEndpoints
{
    private const int DefaultOverlapHours = 7 * 24;
    private static readonly TimeSpan QueuePatience = TimeSpan.FromSeconds(10);

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/office-systems", ListAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapGet("/office-systems/{id}", ShowAsync).RequireAuthorization(AccessPolicies.Viewer);
        var registrar = group.MapGroup("/office-systems");
        registrar.RequireAuthorization(AccessPolicies.Registrar);
        registrar.MapPost("", AddAsync);
        registrar.MapPatch("/{id}", ChangeAsync);
        registrar.MapPost("/{id}/rotate", RotateAsync);
        registrar.MapPost("/{id}/lock", LockAsync);
        registrar.MapPost("/{id}/unlock", UnlockAsync);
        registrar.MapPost("/{id}/agencies", ServeAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, OfficeSystemViews views) =>
        Json(new { items = await views.AllAsync(context.RequestAborted) });

    private static async Task<IResult> ShowAsync(
        HttpContext context,
        string id,
        OfficeSystemViews views
    ) => await views.OneAsync(id, context.RequestAborted) is { } view ? Json(view) : NoSuch(id);

    private static async Task<IResult> AddAsync(
        HttpContext context,
        OperatorCaller caller,
        NewOfficeSystem? body,
        OfficeSystemStore store,
        RegistryEditing editing,
        RegistryCache registry,
        OfficeQueues queues,
        ILogger<OfficeQueues> log
    )
    {
        body ??= new(null, null, null, null, null);
        var errors = body.Problems();
        if (errors.Count > 0)
        {
            return Problem.Of(errors).ToResult();
        }
        if (
            await store.AddAsync(body, ByWhom(context, caller), context.RequestAborted)
            is not { } secret
        )
        {
            return Problem.Of(RegistryErrors.Exists.At("id", body.Id, body.Id!)).ToResult();
        }
        await registry.RefreshAsync(context.RequestAborted);
        await DeclareAsync(queues, body.Id!, log, context.RequestAborted);
        if (body.Agencies is { Count: > 0 } agencies)
        {
            var served = await ServeAsync(
                context,
                caller,
                body.Id!,
                new(agencies, null),
                editing,
                registry
            );
            if (
                served
                is not Microsoft.AspNetCore.Http.HttpResults.JsonHttpResult<OfficeSystemServed>
            )
            {
                return served;
            }
        }
        return Json(
            new
            {
                body.Id,
                ClientSecret = secret,
                Queues = (string[])
                    [
                        Topology.Inbox(body.Id!, urgent: false),
                        Topology.Inbox(body.Id!, urgent: true),
                        Topology.Events(body.Id!),
                    ],
                SubmitExchange = Topology.SubmitExchange,
                SubmitRoutingKey = Topology.SubmitPrefix + body.Id,
                AckRoutingKey = Topology.AckPrefix + body.Id,
            }
        );
    }

    /// <summary>
    /// Its queues are there when the answer is, so that the vendor's first test finds them. A broker that is away delays
    /// them and nothing else: they are declared again and again until they are there.
    /// </summary>
    private static async Task DeclareAsync(
        OfficeQueues queues,
        string id,
        ILogger<OfficeQueues> log,
        CancellationToken cancellationToken
    )
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(QueuePatience);
        try
        {
            await queues.DeclareAsync(id, patience.Token);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(
                "The queues of {OfficeSystem} come later: {Failure}",
                id,
                failure.Message
            );
        }
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context,
        OperatorCaller caller,
        string id,
        OfficeSystemChanges? body,
        OfficeSystemStore store,
        OfficeSystemViews views,
        RegistryCache registry
    )
    {
        body ??= new(null, null, null, null, null, null, null, null, null, null, null);
        var errors = body.Problems();
        if (errors.Count > 0)
        {
            return Problem.Of(errors).ToResult();
        }
        if (!await store.ChangeAsync(id, body, ByWhom(context, caller), context.RequestAborted))
        {
            return NoSuch(id);
        }
        await registry.RefreshAsync(context.RequestAborted);
        return await ShowAsync(context, id, views);
    }

    private static async Task<IResult> RotateAsync(
        HttpContext context,
        OperatorCaller caller,
        string id,
        RotateSecret? body,
        OfficeSystemStore store,
        RegistryCache registry
    )
    {
        var hours = body?.OverlapHours ?? DefaultOverlapHours;
        if (hours is < 0 or > 24 * 90)
        {
            return Problem
                .Of(
                    RequestErrors.BadParameter.At(
                        "overlapHours",
                        null,
                        "overlapHours",
                        Words.Range(0, 2160)
                    )
                )
                .ToResult();
        }
        if (registry.Current.OfficeSystem(id) is null)
        {
            return NoSuch(id);
        }
        var (secret, until) = await store.RotateAsync(
            id,
            TimeSpan.FromHours(hours),
            ByWhom(context, caller),
            context.RequestAborted
        );
        await registry.RefreshAsync(context.RequestAborted);
        return Json(
            new
            {
                Id = id,
                ClientSecret = secret,
                OldSecretsUntil = until,
            }
        );
    }

    private static Task<IResult> LockAsync(
        HttpContext context,
        OperatorCaller caller,
        string id,
        OfficeSystemStore store,
        OfficeSystemViews views,
        RegistryCache registry
    ) => SetStatusAsync(context, caller, id, "locked", store, views, registry);

    private static Task<IResult> UnlockAsync(
        HttpContext context,
        OperatorCaller caller,
        string id,
        OfficeSystemStore store,
        OfficeSystemViews views,
        RegistryCache registry
    ) => SetStatusAsync(context, caller, id, "active", store, views, registry);

    private static async Task<IResult> SetStatusAsync(
        HttpContext context,
        OperatorCaller caller,
        string id,
        string status,
        OfficeSystemStore store,
        OfficeSystemViews views,
        RegistryCache registry
    )
    {
        if (
            !await store.SetStatusAsync(id, status, ByWhom(context, caller), context.RequestAborted)
        )
        {
            return NoSuch(id);
        }
        await registry.RefreshAsync(context.RequestAborted);
        return await ShowAsync(context, id, views);
    }

    private static async Task<IResult> ServeAsync(
        HttpContext context,
        OperatorCaller caller,
        string id,
        ServeAgencies? body,
        RegistryEditing editing,
        RegistryCache registry
    )
    {
        if (registry.Current.OfficeSystem(id) is null)
        {
            return NoSuch(id);
        }
        if (body?.Agencies is not { Count: >= 1 and <= 10_000 } agencies)
        {
            return Problem
                .Of(RequestErrors.BadParameter.At("agencies", null, "agencies", "1–10000"))
                .ToResult();
        }
        DateTimeOffset at = default;
        var outcome = await editing.RunAsync(
            (snapshot, now) =>
                Reorganisation.Of(
                    [.. agencies.Distinct().Select(code => Serving(code, id))],
                    snapshot,
                    at = body.At ?? now
                ),
            new EditRequest(
                AuditActions.ServeAgencies,
                caller.Id,
                AgencyEndpoints.Remote(context),
                Apply: true
            ),
            context.RequestAborted
        );
        return outcome.Applied
            ? Results.Json(new OfficeSystemServed(id, agencies, at), HubJson.Options)
            : Problem.Of(outcome.Plan.Errors).ToResult();
    }

    private static ReorganisationRow Serving(string code, string id) =>
        new(
            new SheetRow(
                new Dictionary<string, Import.CsvField> { ["agency"] = new(code, 0, 0) },
                line: 0
            ),
            ReorganisationAct.Serve,
            code,
            null,
            null,
            null,
            null,
            id
        );

    private static ByWhom ByWhom(HttpContext context, OperatorCaller caller) =>
        new(caller.Id, AgencyEndpoints.Remote(context));

    private static IResult NoSuch(string id) =>
        Problem.Of(RequestErrors.NotFound.At("id", id, Words.OfficeSystem)).ToResult();

    private static IResult Json<T>(T answer) => Results.Json(answer, HubJson.Options);
}

public sealed record OfficeSystemServed(
    string Id,
    IReadOnlyList<string> Agencies,
    DateTimeOffset Since
);

public sealed record ByWhom(string Actor, string? Remote);
