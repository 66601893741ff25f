using Axis.Hub.Storage;

namespace Axis.Hub.Letters;

/// <summary>
/// A range of ids in pieces, the newest first: the newest month, then always as many months as all before together. A
/// page is filled by the first piece that has enough; what pieces held so far, less than a page, is what to expect of the
/// next, so no piece is much work, and ten years are eight pieces.
/// </summary>
internal static class LetterWindows
{
    // 128 months; what is older comes in one piece.
    private const int Pieces = 8;

    public static IEnumerable<IdRange> Of(IdRange range, DateTimeOffset now)
    {
        var before = range.Before;
        var newest = IdDays.InstantOf(before) is var end && end < now ? end : now;
        var month = new DateTimeOffset(newest.Year, newest.Month, 1, 0, 0, 0, TimeSpan.Zero);
        for (var piece = 0; piece < Pieces; piece++)
        {
            // Partitions begin with a month, too.
            var from = IdDays.Floor(month.AddMonths(-(piece == 0 ? 0 : (1 << piece - 1))));
            if (from.CompareTo(range.From) <= 0)
            {
                break;
            }
            if (from.CompareTo(before) < 0)
            {
                yield return new IdRange(from, before);
                before = from;
            }
        }
        if (range.From.CompareTo(before) < 0)
        {
            yield return new IdRange(range.From, before);
        }
    }
}
