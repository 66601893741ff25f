using System.Buffers.Binary;

namespace Axis.Hub.Storage;

/// <summary>Half-open bounds on ids: what a query needs to look into the one or two partitions that can hold them.</summary>
public sealed record IdRange(Guid From, Guid Before);

/// <summary>The time inside a UUIDv7, and bounds made of it.</summary>
public static class IdDays
{
    /// <summary>When an id was made, to the millisecond.</summary>
    public static DateTimeOffset InstantOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16 & 0xFFFF_FFFF_FFFF;
        return DateTimeOffset.FromUnixTimeMilliseconds(
            Math.Min(milliseconds, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        );
    }

    /// <summary>The smallest id of an instant; the same as the SQL function <c>uuid7_floor</c>.</summary>
    public static Guid Floor(DateTimeOffset instant)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(
            bytes,
            Math.Max(0, instant.ToUnixTimeMilliseconds()) << 16
        );
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>
    /// The least and the greatest of some ids, as PostgreSQL orders them: where a statement takes its ids from an array,
    /// these bounds are what it finds the partitions by.
    /// </summary>
    public static (Guid Least, Guid Greatest) Bounds(IReadOnlyCollection<Guid> ids) =>
        (ids.DefaultIfEmpty().Min(), ids.DefaultIfEmpty().Max());

    /// <summary>
    /// Ids grouped by their day, oldest day first. The bounds of a group reach an hour back and a day ahead: rows that
    /// are written together share them, even over midnight.
    /// </summary>
    public static IEnumerable<(IdRange Range, Guid[] Ids)> Group(IEnumerable<Guid> ids) =>
        ids.Distinct()
            .GroupBy(id => InstantOf(id).UtcDateTime.Date)
            .OrderBy(day => day.Key)
            .Select(day =>
            {
                var start = new DateTimeOffset(day.Key, TimeSpan.Zero);
                return (
                    new IdRange(Floor(start.AddHours(-1)), Floor(start.AddDays(2))),
                    day.ToArray()
                );
            });
}
