using System.Runtime.InteropServices;

namespace Axis.Hub.Access;

/// <summary>Which refusals of the same kind still need a line of their own. Bounded: a flood of kinds is one kind.</summary>
public sealed class RepeatedRefusals(TimeProvider clock)
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    // Looking through all kinds for each refusal of a flood would be what the flood is after.
    private static readonly TimeSpan RoomPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    private readonly Dictionary<(string, string, string, string), Kind> _kinds = [];
    private DateTimeOffset _madeRoomAt;

    /// <param name="kind">Action, actor, address, reason.</param>
    /// <param name="unrecorded">How many of this kind came since its last line, without this one.</param>
    public bool IsDue(
        (string Action, string Actor, string Remote, string Reason) kind,
        out int unrecorded
    )
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (!_kinds.ContainsKey(kind) && _kinds.Count >= Capacity)
            {
                if (now - _madeRoomAt >= RoomPause)
                {
                    MakeRoom(now);
                }
                if (_kinds.Count >= Capacity)
                {
                    kind = (kind.Action, "many", "many", kind.Reason);
                }
            }
            if (_kinds.TryGetValue(kind, out var known) && now - known.WrittenAt < Pause)
            {
                unrecorded = 0;
                _kinds[kind] = known with { Unrecorded = known.Unrecorded + 1 };
                return false;
            }
            unrecorded = known.Unrecorded;
            _kinds[kind] = new(now, 0);
            return true;
        }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        _madeRoomAt = now;
        foreach (var (kind, known) in _kinds)
        {
            // A kind with a count waits for its next line, so that the count is not lost.
            if (now - known.WrittenAt >= Pause && known.Unrecorded == 0)
            {
                _kinds.Remove(kind);
            }
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Kind(DateTimeOffset WrittenAt, int Unrecorded);
}
