namespace Axis.NationalSim.Provinces;

/// <summary>What is to happen, by time and then by the order of its planning.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Turn)> _acts = new();
    private long _turn;

    public int Count => _acts.Count;

    public void Plan(DateTimeOffset at, Action act) => _acts.Enqueue(act, (at, _turn++));

    public void RunUntil(DateTimeOffset now)
    {
        while (_acts.TryPeek(out _, out var due) && due.At <= now)
        {
            _acts.Dequeue()();
        }
    }
}
