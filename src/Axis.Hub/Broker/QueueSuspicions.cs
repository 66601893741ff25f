using System.Collections.Concurrent;

namespace Axis.Hub.Broker;

/// <summary>What this node's own publishes say against a queue. One confirm clears it.</summary>
/// <param name="Since">When it first did not answer; a timestamp of the clock.</param>
/// <param name="Unanswered">How many publishes got no answer, while the connection lived.</param>
public sealed record Suspicion(long Since, int Unanswered);

/// <summary>Counts, for each queue, the publishes that the broker did not answer.</summary>
public sealed class QueueSuspicions(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Suspicion> _suspected = new(
        StringComparer.Ordinal
    );

    public bool Any => !_suspected.IsEmpty;

    public Suspicion? Of(string queue) => _suspected.GetValueOrDefault(queue);

    /// <summary>Hears what became of a publish.</summary>
    public void Note(string queue, PublishResult result)
    {
        switch (result)
        {
            case PublishResult.Confirmed when !_suspected.IsEmpty:
                Clear(queue);
                break;
            case PublishResult.Unanswered:
                _suspected.AddOrUpdate(
                    queue,
                    _ => new Suspicion(clock.GetTimestamp(), 1),
                    (_, known) => known with { Unanswered = known.Unanswered + 1 }
                );
                break;
        }
    }

    public void Clear(string queue) => _suspected.TryRemove(queue, out _);
}
