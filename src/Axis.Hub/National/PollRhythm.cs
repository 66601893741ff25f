namespace Axis.Hub.National;

/// <summary>How long to wait before a list is asked for again: not at all while it shows something new, else ever longer.</summary>
internal sealed class PollRhythm(TimeSpan shortest, TimeSpan longest)
{
    private int _idle;

    /// <param name="took">What was new on the list.</param>
    public TimeSpan After(int took)
    {
        if (took > 0)
        {
            // There may be more than one list can show.
            _idle = 0;
            return TimeSpan.Zero;
        }
        var pause = shortest * Math.Pow(2, Math.Min(_idle++, 20));
        return pause < longest ? pause : longest;
    }
}
