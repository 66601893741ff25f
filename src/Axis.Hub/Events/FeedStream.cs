using System.Text;
using Axis.Hub.Access;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Events;

/// <summary>
/// Server-sent events: what is there already, then what comes, with a sign of life in between. The id of each is the
/// cursor, so a listener that was cut off goes on where it was. A listener that is locked meanwhile, or
/// whose proof is revoked, hears no more.
/// </summary>
public sealed class FeedStream(
    EventFeed feed,
    FeedTail tail,
    RegistryCache registry,
    IOptions<EventOptions> options,
    TimeProvider clock,
    IHostApplicationLifetime lifetime
)
{
    private const int AtOnce = 100;

    public async Task WriteAsync(
        HttpContext context,
        Caller caller,
        FeedScope scope,
        FeedFilter filter,
        FeedPosition after
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted,
            lifetime.ApplicationStopping
        );
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // Proxies that collect an answer before passing it on.
        response.Headers["X-Accel-Buffering"] = "no";
        var ends = clock.GetUtcNow() + options.Value.StreamFor;
        try
        {
            await SayAsync(response, $"retry: 2000\nid: {after}\n\n", end.Token);
            var silentUntil = clock.GetUtcNow() + options.Value.Heartbeat;
            while (
                clock.GetUtcNow() < ends
                && Permissions.MayGoOn(registry.Current, caller, clock.GetUtcNow())
            )
            {
                var bell = tail.BellOf(scope.OfficeSystemId);
                var page = await feed.ReadAsync(scope, filter, after, AtOnce, end.Token);
                after = page.Next;
                var silence = silentUntil - clock.GetUtcNow();
                if (page.Items.Count > 0)
                {
                    await SayAsync(response, Text(page), end.Token);
                }
                else if (
                    silence <= TimeSpan.Zero
                    || (page.AtHead && !await RingsAsync(bell, silence, end.Token))
                )
                {
                    // A bare id moves the cursor of the listener, and shows as nothing.
                    await SayAsync(response, $": \nid: {after}\n\n", end.Token);
                }
                else
                {
                    // Rung, or more to look through: what the filter keeps back is no sign of life.
                    continue;
                }
                silentUntil = clock.GetUtcNow() + options.Value.Heartbeat;
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The listener left, or the hub stops: it comes again with its cursor.
            return;
        }
    }

    private async Task<bool> RingsAsync(
        Task bell,
        TimeSpan atMost,
        CancellationToken cancellationToken
    )
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var silence = Task.Delay(atMost, clock, pause.Token);
        var first = await Task.WhenAny(bell, silence);
        await pause.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return first == bell;
    }

    private static string Text(FeedPage page)
    {
        var text = new StringBuilder();
        foreach (var item in page.Items)
        {
            text.Append("id: ").Append(item.Position).Append("\ndata: ").Append(item.Body);
            text.Append("\n\n");
        }
        return text.ToString();
    }

    private static async Task SayAsync(
        HttpResponse response,
        string text,
        CancellationToken cancellationToken
    )
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
