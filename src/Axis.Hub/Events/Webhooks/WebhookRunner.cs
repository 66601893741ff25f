using System.Collections.Concurrent;
using Axis.Hub.Access;
using Axis.Hub.Registry;
using Axis.Hub.Vxp;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Events.Webhooks;

/// <summary>
/// Pushes events to webhooks: each from its cursor on, one event after the other, and the cursor moves only over what
/// was taken. So an event is told at least once and in order, and an endpoint that is down holds up nobody but itself.
/// </summary>
internal sealed class WebhookRunner(
    WebhookLeases leases,
    WebhookCall call,
    EventFeed feed,
    FeedTail tail,
    RegistryCache registry,
    SealingKey key,
    IOptions<WebhookOptions> options,
    IOptions<EventOptions> events,
    TimeProvider clock,
    ILogger<WebhookRunner> log
) : BackgroundService
{
    private const int Batch = 50;

    /// <summary>How often all are looked at, whoever has news: for what a node that died had in hand.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, byte> _news = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, byte> _inHand = [];
    private readonly EventBell _bell = new();
    private DateTimeOffset _sweptAt = DateTimeOffset.MinValue;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        tail.Tell(Note);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StartDueAsync(stoppingToken);
                await _bell.WaitAsync(events.Value.LookInterval, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning("Webhooks wait for the store: {Failure}", failure.Message);
                await Task.Delay(events.Value.LookInterval, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public override void Dispose()
    {
        _bell.Dispose();
        base.Dispose();
    }

    private void Note(IReadOnlyCollection<string> officeSystems)
    {
        foreach (var one in officeSystems)
        {
            _news[one] = 0;
        }
        _bell.Ring();
    }

    private async Task StartDueAsync(CancellationToken stopping)
    {
        var room = options.Value.MaxAtATime - _inHand.Count;
        if (room <= 0)
        {
            return;
        }
        var now = clock.GetUtcNow();
        var sweeps = now - _sweptAt >= SweepInterval;
        string[] news = [.. _news.Keys];
        foreach (var one in news)
        {
            _news.TryRemove(one, out _);
        }
        IReadOnlyList<LeasedWebhook> due;
        try
        {
            due = await leases.ClaimAsync(tail.Head, news, sweeps, room, stopping);
        }
        catch
        {
            Note(news);
            throw;
        }
        if (due.Count == room)
        {
            Note(news);
        }
        else if (sweeps)
        {
            _sweptAt = now;
        }
        foreach (var hook in due)
        {
            _inHand[hook.Id] = 0;
            _ = PushAndFreeAsync(hook, stopping);
        }
    }

    private async Task PushAndFreeAsync(LeasedWebhook hook, CancellationToken stopping)
    {
        try
        {
            await PushAsync(hook, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Its lease runs out, and another node goes on where it was.
            return;
        }
        catch (Exception failure)
        {
            log.LogWarning(
                "Webhook {Webhook} waits for the store: {Failure}",
                hook.Id,
                failure.Message
            );
        }
        finally
        {
            _inHand.TryRemove(hook.Id, out _);
            // News that came meanwhile woke only the others of its office system: this one is looked at again.
            Note(hook.OfficeSystemId is { } id ? [id] : []);
        }
    }

    private async Task PushAsync(LeasedWebhook hook, CancellationToken stopping)
    {
        if (ScopeOf(hook) is not { } scope)
        {
            await leases.PostponeAsync(hook, stopping);
            return;
        }
        if (feed.IsTooOld(hook.Position))
        {
            await leases.PauseAsync(
                hook,
                "what it missed is kept no more; replay from a cursor that is",
                stopping
            );
            return;
        }
        if (SecretsOf(hook) is not { Count: > 0 } secrets)
        {
            await leases.SettleAsync(
                hook,
                hook.Position,
                false,
                new CallOutcome("its secret cannot be opened with Vxp:KeyFile"),
                stopping
            );
            return;
        }
        var ends = clock.GetUtcNow() + WebhookLeases.Turn;
        var (position, taken) = (hook.Position, false);
        while (true)
        {
            var page = await feed.ReadAsync(scope, hook.Filter, position, Batch, stopping);
            foreach (var item in page.Items)
            {
                var outcome = await call.SendAsync(hook.Url, secrets, item, stopping);
                if (outcome.Error is not null)
                {
                    await leases.SettleAsync(hook, position, taken, outcome, stopping);
                    return;
                }
                (position, taken) = (item.Position, true);
                if (clock.GetUtcNow() >= ends)
                {
                    await leases.SettleAsync(hook, position, taken, null, stopping);
                    return;
                }
            }
            position = page.Next;
            if (page.AtHead || clock.GetUtcNow() >= ends)
            {
                await leases.SettleAsync(hook, position, taken, null, stopping);
                return;
            }
        }
    }

    /// <summary>The secret, and the one of before while it is still good; none when the first cannot be opened.</summary>
    private List<string> SecretsOf(LeasedWebhook hook)
    {
        var holder = hook.OfficeSystemId ?? "";
        if (key.Open(hook.Sealed, holder, hook.Id) is not { } secret)
        {
            return [];
        }
        return
            hook.OldUntil > clock.GetUtcNow()
            && key.Open(hook.OldSealed!, holder, hook.Id) is { } old
            ? [secret, old]
            : [secret];
    }

    private FeedScope? ScopeOf(LeasedWebhook hook) =>
        hook.OfficeSystemId is not { } id ? new FeedScope(null, Permissions.OfTheCentre())
        : registry.Current.OfficeSystem(id) is { IsActive: true } system
            ? new FeedScope(Permissions.Inbox(system), null)
        : null;
}
