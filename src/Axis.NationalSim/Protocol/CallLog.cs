namespace Axis.NationalSim.Protocol;

/// <summary>One call that reached the simulator.</summary>
/// <param name="System">Who asked; empty when that was not proved.</param>
/// <param name="ErrorCode">What was answered; empty when nothing was, or no JSON.</param>
/// <param name="Vices">The vices that showed in it.</param>
public sealed record SeenCall(
    DateTimeOffset At,
    string Call,
    string System,
    string? DocId,
    string ErrorCode,
    IReadOnlyList<string> Vices
);

/// <summary>The last calls, for trainees and tests.</summary>
internal sealed class CallLog
{
    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<SeenCall> _calls = [];
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Add(SeenCall call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
            if (_calls.Count > Most)
            {
                _calls.Dequeue();
            }
            _counts[call.Call] = _counts.GetValueOrDefault(call.Call) + 1;
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<SeenCall> Last(int most)
    {
        lock (_gate)
        {
            return [.. _calls.Reverse().Take(most)];
        }
    }

    public IReadOnlyDictionary<string, long> Counts
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, long>(_counts);
            }
        }
    }
}
