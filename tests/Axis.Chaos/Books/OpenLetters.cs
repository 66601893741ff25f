using System.Collections.Concurrent;

namespace Axis.Chaos.Books;

/// <summary>
/// Letters on their way, seen from both ends: begun, and not yet both accepted and with every recipient. It is used
/// to time recoveries and has no say in the verdict.
/// </summary>
public sealed class OpenLetters
{
    private readonly ConcurrentDictionary<string, Way> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _latestDone = new(StringComparer.Ordinal);

    public int Count => _open.Count;

    public static long Now => TimeProvider.System.GetTimestamp();

    public void Begin(SentLetter letter) =>
        _open[letter.DocumentId] = new Way(
            letter.BegunAt,
            letter.Door,
            letter.Recipients.Count + 1
        );

    public void Accepted(string documentId) => Step(documentId);

    public void Arrived(string documentId) => Step(documentId);

    /// <summary>
    /// Whether everything begun before a moment has arrived, and by each door something begun after it.
    /// </summary>
    public bool IsRecoveredFrom(long moment) =>
        DoorNames.All.All(door => _latestDone.TryGetValue(door, out var begun) && begun >= moment)
        && _open.Values.All(way => way.BegunAt >= moment);

    /// <summary>How long the oldest has been under way.</summary>
    public TimeSpan OldestAge =>
        _open
            .Values.Select(way => TimeProvider.System.GetElapsedTime(way.BegunAt))
            .DefaultIfEmpty()
            .Max();

    /// <summary>Some of the oldest, for a look at what is stuck.</summary>
    public IEnumerable<string> Oldest(int count) =>
        _open
            .OrderBy(pair => pair.Value.BegunAt)
            .Take(count)
            .Select(pair => $"{pair.Key} by {pair.Value.Door}, {pair.Value.Steps} steps to go");

    private void Step(string documentId)
    {
        if (!_open.TryGetValue(documentId, out var way) || way.Finish() > 0)
        {
            return;
        }
        _open.TryRemove(documentId, out _);
        _latestDone.AddOrUpdate(
            way.Door,
            way.BegunAt,
            (_, latest) => Math.Max(latest, way.BegunAt)
        );
    }

    private sealed class Way(long begunAt, string door, int steps)
    {
        private int _steps = steps;

        public long BegunAt => begunAt;
        public string Door => door;
        public int Steps => _steps;

        public int Finish() => Interlocked.Decrement(ref _steps);
    }
}

public static class DoorNames
{
    public const string Http = "http";
    public const string Amqp = "amqp";

    public static IReadOnlyList<string> All { get; } = [Http, Amqp];
}
