using Microsoft.Extensions.Options;

namespace Axis.Hub.Access;

/// <summary>
/// Slows down whoever tries secrets: after a few failures of one client id from one address the next try has to wait,
/// twice as long each time. Keyed by both; the right secret never waits, so nobody locks a client out. Secrets of 256 bits
/// cannot be guessed; this keeps the log readable and the processor free.
/// </summary>
public sealed class FailureBackOff(IOptions<AccessOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Client, string Remote), Failures> _failures = [];

    /// <summary>How long this client must wait before it may try; zero when it may try now.</summary>
    public TimeSpan WaitOf(string client, string remote)
    {
        lock (_lock)
        {
            if (!_failures.TryGetValue((client, remote), out var failures))
            {
                return TimeSpan.Zero;
            }
            var wait = failures.BlockedUntil - clock.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    public void Failed(string client, string remote)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var count =
                _failures.TryGetValue((client, remote), out var failures)
                && now - failures.LastAt < ForgottenAfter
                    ? failures.Count + 1
                    : 1;
            if (failures is null && _failures.Count >= options.Value.RememberedFailures)
            {
                MakeRoom(now);
            }
            _failures[(client, remote)] = new(count, now, now + PauseAfter(count));
        }
    }

    public void Succeeded(string client, string remote)
    {
        lock (_lock)
        {
            _failures.Remove((client, remote));
        }
    }

    private TimeSpan PauseAfter(int count)
    {
        var beyond = count - options.Value.FreeFailures;
        if (beyond < 0)
        {
            return TimeSpan.Zero;
        }
        // 2^20 s is beyond any longest wait; the bound keeps the arithmetic in range.
        var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(beyond, 20)));
        return pause < options.Value.LongestBackOff ? pause : options.Value.LongestBackOff;
    }

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, failures) in _failures)
        {
            if (now - failures.LastAt >= ForgottenAfter)
            {
                _failures.Remove(key);
            }
        }
        if (_failures.Count >= options.Value.RememberedFailures)
        {
            // A flood of ids: the half that has been quiet longest makes room, so this costs little per failure.
            foreach (
                var (key, _) in _failures
                    .OrderBy(pair => pair.Value.LastAt)
                    .Take(_failures.Count / 2)
                    .ToList()
            )
            {
                _failures.Remove(key);
            }
        }
    }

    private sealed record Failures(int Count, DateTimeOffset LastAt, DateTimeOffset BlockedUntil);
}
