using System.Globalization;
using Axis.Vxp;

namespace Axis.NationalSim.Exchange;

/// <summary>
/// What of a list is asked for. The protocol knows no pages; applications send these parameters all the same, and some
/// servers are believed to heed them. This one does.
/// </summary>
internal sealed record Selection(
    string MessageType,
    DateOnly? From,
    DateOnly? To,
    int Skip,
    int Take
)
{
    /// <summary>Null when the kind of message is not one of the two.</summary>
    public static Selection? Of(VxpParameters given, int most)
    {
        if (
            given[VxpParameter.MessageType] is not { } type
            || type is not (VxpValue.MessageEdoc or VxpValue.MessageStatus)
        )
        {
            return null;
        }
        var size = NumberOf(given["pageSize"]) is { } asked ? Math.Clamp(asked, 1, most) : most;
        var index = Math.Max(NumberOf(given["pageIndex"]) ?? 1, 1);
        return new Selection(
            type,
            VietnamTime.ReadDay(given["fromDate"]),
            VietnamTime.ReadDay(given["toDate"]),
            checked((int)Math.Min((index - 1L) * size, int.MaxValue)),
            size
        );
    }

    public bool Covers(DateTimeOffset time)
    {
        var day = VietnamTime.DayOf(time);
        return !(day < From) && !(day > To);
    }

    public IReadOnlyList<T> Of<T>(IEnumerable<T> all, Func<T, DateTimeOffset> timeOf) =>
        [.. all.Where(one => Covers(timeOf(one))).Skip(Skip).Take(Take)];

    private static int? NumberOf(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
