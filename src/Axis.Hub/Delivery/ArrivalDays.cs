using Axis.Hub.Storage;

namespace Axis.Hub.Delivery;

/// <summary>Some whole days, by the clock of Vietnam (QĐ 28/2018 Đ14.4).</summary>
public sealed record ArrivalDays(DateTimeOffset From, DateTimeOffset Before)
{
    private static readonly TimeSpan s_vietnam = TimeSpan.FromHours(7);
    private static readonly DateOnly s_first = new(1970, 1, 2);
    private static readonly DateOnly s_last = new(9000, 1, 1);

    /// <summary>Bounds of the ids that what arrived then can have: an hour back and a day ahead, as in <see cref="IdDays"/>.</summary>
    public IdRange Ids => new(IdDays.Floor(From.AddHours(-1)), IdDays.Floor(Before.AddDays(1)));

    /// <summary>Both days are inside.</summary>
    public static ArrivalDays Between(DateOnly first, DateOnly last) =>
        new(BeginOf(first), BeginOf(last < s_last ? last.AddDays(1) : s_last));

    private static DateTimeOffset BeginOf(DateOnly day) =>
        new DateTimeOffset(
            (
                day < s_first ? s_first
                : day > s_last ? s_last
                : day
            ).ToDateTime(TimeOnly.MinValue),
            s_vietnam
        ).ToUniversalTime();
}
