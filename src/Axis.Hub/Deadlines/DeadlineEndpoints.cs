using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;

namespace Axis.Hub.Deadlines;

/// <summary>Lists of clocks that run, and of what was sent and is waited for.</summary>
public static class DeadlineEndpoints
{
    private static readonly string[] s_states = ["open", "overdue"];

    public static void MapDeadlines(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/v1").RequireAuthorization(AccessPolicies.OfficeSystem);
        own.MapGet("/deadlines", OwnAsync);
        own.MapGet("/follow-up", FollowUpAsync);
        own.MapPost("/deliveries/{deliveryId:guid}/extension", ExtensionEndpoints.AskAsync);
        own.MapPost(
            "/deliveries/{deliveryId:guid}/extension/answer",
            ExtensionEndpoints.AnswerAsync
        );
        routes
            .MapGroup("/ops/v1")
            .OnOperationsListener()
            .MapGet("/deadlines", AnyAsync)
            .RequireAuthorization(AccessPolicies.Viewer);
    }

    private static Task<IResult> OwnAsync(
        HttpContext context,
        OfficeSystemCaller caller,
        DeadlineList deadlines,
        TimeProvider clock
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var direction = given.OneOf("direction", ["sent", "received"]);
        return ListAsync(
            context,
            given,
            direction == "sent",
            null,
            Permissions.Letters(caller.OfficeSystem),
            deadlines,
            clock
        );
    }

    private static Task<IResult> AnyAsync(
        HttpContext context,
        OperatorCaller caller,
        DeadlineList deadlines,
        RegistryCache registry,
        TimeProvider clock
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var sender = AgencyOf(given, "sender", registry.Current);
        var recipient = AgencyOf(given, "recipient", registry.Current);
        if (sender is not null && recipient is not null)
        {
            given.Refuse<string>(
                "recipient",
                null,
                new Words("one of sender and recipient", "chỉ một trong sender và recipient")
            );
        }
        return ListAsync(
            context,
            given,
            sender is not null,
            sender ?? recipient,
            Permissions.Letters(caller),
            deadlines,
            clock
        );
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        OpsParameters given,
        bool bySender,
        Guid[]? agencies,
        Sees sees,
        DeadlineList deadlines,
        TimeProvider clock
    )
    {
        var overdue = given.OneOf("state", s_states) == "overdue";
        var after = given.Text("after") is { } text
            ? DeadlineCursor.Parse(text)
                ?? given.Refuse<DeadlineCursor>(
                    "after",
                    text,
                    new Words("the next of a page", "giá trị next của một trang")
                )
            : null;
        var query = new DeadlineQuery(
            bySender,
            agencies,
            overdue ? clock.GetUtcNow() : null,
            after,
            given.Limit()
        );
        return given.Errors.Count > 0
            ? Problem.Of(given.Errors).ToResult()
            : Results.Json(
                await deadlines.ListAsync(query, sees, context.RequestAborted),
                HubJson.Options
            );
    }

    private static async Task<IResult> FollowUpAsync(
        HttpContext context,
        OfficeSystemCaller caller,
        FollowUp followUp,
        TimeProvider clock
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var (from, after, limit) = (given.Day("from"), given.Id("after"), given.Limit());
        return given.Errors.Count > 0
            ? Problem.Of(given.Errors).ToResult()
            : Results.Json(
                await followUp.ListAsync(
                    Permissions.Letters(caller.OfficeSystem),
                    from ?? clock.GetUtcNow() - FollowUp.Reach,
                    after,
                    limit,
                    context.RequestAborted
                ),
                HubJson.Options
            );
    }

    private static Guid[]? AgencyOf(OpsParameters given, string name, RegistrySnapshot registry) =>
        given.Text(name) is not { } code ? null
        : registry.LastOwnerOf(code) is { } agency ? [.. registry.FamilyOf(agency.Id)]
        : given.Refuse<Guid[]>(
            name,
            code,
            new Words("a code of an agency of the registry", "mã của một cơ quan trong danh mục")
        );
}
