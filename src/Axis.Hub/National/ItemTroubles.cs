namespace Axis.Hub.National;

/// <summary>
/// Items of one list that could not be brought in, and when each is tried again, so that none holds up what stands
/// behind it. In memory alone: after a start, or on another node, each has all its tries before it.
/// </summary>
internal sealed class ItemTroubles(NationalOptions options, TimeProvider clock)
{
    // A package that is kept back so often, and others not, is the reason itself: a proxy that takes it for too large,
    // say. Until then it keeps its place, because of two reports the first must be judged first.
    private const int TriesInPlace = 3;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Trouble> _troubles = new(StringComparer.Ordinal);
    private readonly long _began = clock.GetTimestamp();

    // Time that only goes on: the clock may be set back.
    private TimeSpan Now => clock.GetElapsedTime(_began);

    public bool MayTry(string id)
    {
        lock (_lock)
        {
            return !_troubles.TryGetValue(id, out var trouble) || trouble.NextTryAt <= Now;
        }
    }

    /// <summary>It has had its tries in its place, and goes behind all others.</summary>
    public bool IsLast(string id)
    {
        lock (_lock)
        {
            return _troubles.TryGetValue(id, out var trouble) && trouble.Tries >= TriesInPlace;
        }
    }

    /// <summary>The far side handed it out, which ends a trouble of fetching it.</summary>
    public void Fetched(string id)
    {
        lock (_lock)
        {
            if (_troubles.TryGetValue(id, out var trouble) && !trouble.WasFetched)
            {
                _troubles.Remove(id);
            }
        }
    }

    public void Ended(string id)
    {
        lock (_lock)
        {
            _troubles.Remove(id);
        }
    }

    /// <summary>Another try came to nothing; whether that was the last, and it is to be kept as it is.</summary>
    /// <param name="isOfItem">
    /// The fault lies in this item for certain. One that may lie in the line condemns nothing, however often it comes: an
    /// outage must not make documents unreadable.
    /// </param>
    /// <param name="wasFetched">It is here, and the hub fails at it.</param>
    public bool IsHopeless(string id, bool isOfItem, bool wasFetched = false)
    {
        lock (_lock)
        {
            var tries = (_troubles.GetValueOrDefault(id)?.Tries ?? 0) + 1;
            var pause = options.FirstRetry * Math.Pow(2, Math.Clamp(tries - TriesInPlace, 0, 20));
            _troubles[id] = new Trouble(
                tries,
                tries < TriesInPlace
                    ? Now
                    : Now + (pause < options.LongestRetry ? pause : options.LongestRetry),
                wasFetched
            );
            return isOfItem && tries >= options.MaxFetches;
        }
    }

    /// <summary>What the far side lists no more is no trouble any more.</summary>
    public void KeepOnly(IEnumerable<FarItem> listed)
    {
        lock (_lock)
        {
            if (_troubles.Count == 0)
            {
                return;
            }
            var ids = listed.Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var id in _troubles.Keys.Where(id => !ids.Contains(id)).ToArray())
            {
                _troubles.Remove(id);
            }
        }
    }

    private sealed record Trouble(int Tries, TimeSpan NextTryAt, bool WasFetched);
}
