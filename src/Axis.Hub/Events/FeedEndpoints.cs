using System.Text;
using Axis.Hub.Access;
using Axis.Hub.Delivery;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Events;

/// <summary>The feed as a list, a long poll or a stream, for an office system and for operators.</summary>
public static class FeedEndpoints
{
    public static void MapFeed(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/v1/events/feed", OfOfficeSystemAsync)
            .RequireAuthorization(AccessPolicies.OfficeSystem);
        routes
            .MapGroup("/ops/v1")
            .OnOperationsListener()
            .MapGet("/events", OfAllAsync)
            .RequireAuthorization(AccessPolicies.Viewer);
    }

    private static Task OfOfficeSystemAsync(
        HttpContext context,
        OfficeSystemCaller caller,
        Page page
    ) =>
        AnswerAsync(
            context,
            caller,
            new FeedScope(Permissions.Inbox(caller.OfficeSystem), null),
            page
        );

    private static Task OfAllAsync(HttpContext context, OperatorCaller caller, Page page) =>
        AnswerAsync(context, caller, new FeedScope(null, Permissions.Letters(caller)), page);

    private static async Task AnswerAsync(
        HttpContext context,
        Caller caller,
        FeedScope scope,
        Page page
    )
    {
        var services = context.RequestServices;
        var (feed, tail) = (
            services.GetRequiredService<EventFeed>(),
            services.GetRequiredService<FeedTail>()
        );
        List<ErrorItem> errors = page.Error is { } wrong ? [wrong] : [];
        var question = FeedQuestion.Read(
            context.Request,
            tail.Head,
            services.GetRequiredService<RegistryCache>().Current,
            errors
        );
        if (question.After is { } given && feed.IsTooOld(given))
        {
            var kept = services.GetRequiredService<IOptions<EventOptions>>().Value.KeepDays;
            errors.Add(EventErrors.CursorTooOld.At("after", given.ToString(), kept));
        }
        if (errors.Count > 0)
        {
            await Problem.Of(errors).ToResult().ExecuteAsync(context);
        }
        else if (WantsStream(context.Request))
        {
            var (place, refused) = services.GetRequiredService<OpenStreams>().Enter(caller.Id);
            using (place)
            {
                await (
                    refused is not null
                        ? Problem.Of(refused).ToResult().ExecuteAsync(context)
                        : services
                            .GetRequiredService<FeedStream>()
                            .WriteAsync(
                                context,
                                caller,
                                scope,
                                question.Filter,
                                question.After ?? tail.Head
                            )
                );
            }
        }
        else
        {
            await ListAsync(context, feed, tail, scope, question, page);
        }
    }

    private static async Task ListAsync(
        HttpContext context,
        EventFeed feed,
        FeedTail tail,
        FeedScope scope,
        FeedQuestion question,
        Page page
    )
    {
        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        var stopping = context
            .RequestServices.GetRequiredService<IHostApplicationLifetime>()
            .ApplicationStopping;
        var end = clock.GetUtcNow() + page.Wait;
        var after = question.After ?? FeedPosition.Start;
        FeedPage found;
        while (true)
        {
            var bell = tail.BellOf(scope.OfficeSystemId);
            found = await feed.ReadAsync(
                scope,
                question.Filter,
                after,
                page.Limit,
                context.RequestAborted
            );
            var left = end - clock.GetUtcNow();
            if (
                found.Items.Count > 0
                || !found.AtHead
                || left <= TimeSpan.Zero
                || stopping.IsCancellationRequested
            )
            {
                break;
            }
            after = found.Next;
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(
                context.RequestAborted,
                stopping
            );
            await Task.WhenAny(bell, Task.Delay(left, clock, pause.Token));
            await pause.CancelAsync();
            context.RequestAborted.ThrowIfCancellationRequested();
        }
        // The bodies are JSON already; they go out as they were stored.
        var items = string.Join(',', found.Items.Select(item => item.Body));
        await Results
            .Text(
                $"{{\"items\":[{items}],\"next\":\"{found.Next}\"}}",
                "application/json",
                Encoding.UTF8
            )
            .ExecuteAsync(context);
    }

    private static bool WantsStream(HttpRequest request) =>
        request.Headers.Accept.Any(one =>
            one?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true
        );
}
