using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Axis.Hub.Storage;

/// <summary>
/// UUIDv7s that also keep their order within one millisecond (RFC 9562 section 6.2, method 1: the 12 bits after the
/// version count up). What one node makes later sorts later, so events of one delivery and recipients of one letter
/// stay in order.
/// </summary>
public sealed class TimeOrderedIds(TimeProvider clock)
{
    private const int CounterLimit = 1 << 12;

    private readonly Lock _lock = new();
    private long _millisecond;
    private int _counter;

    /// <summary>
    /// An id with the time of another, for what belongs to it and comes later: a delivery lies in the month of its
    /// package, and within the day in which both are looked for (<see cref="IdDays.Group"/>).
    /// </summary>
    public static Guid Beside(Guid other)
    {
        Span<byte> bytes = stackalloc byte[16];
        other.TryWriteBytes(bytes, bigEndian: true, out _);
        RandomNumberGenerator.Fill(bytes[6..]);
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x70);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    public Guid Next()
    {
        long millisecond;
        int counter;
        lock (_lock)
        {
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            // A clock that steps back, or more than 4096 ids in a millisecond, borrows from the time to come.
            if (now > _millisecond)
            {
                _millisecond = now;
                _counter = 0;
            }
            else if (++_counter == CounterLimit)
            {
                _millisecond++;
                _counter = 0;
            }
            millisecond = _millisecond;
            counter = _counter;
        }
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes[8..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes, millisecond << 16);
        bytes[6] = (byte)(0x70 | counter >> 8);
        bytes[7] = (byte)counter;
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
