using System.Buffers;

namespace Axis.EdXml;

/// <summary>The one permitted edit of a package on its way: one more hop at the end of TraceHeaderList. No other byte changes.</summary>
public static class HopSplicer
{
    /// <summary>False for status packages, for packages without a TraceHeaderList, for broken ones, and for signed ones: the edit would break the signature.</summary>
    public static bool CanAppend(PackageReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        return reading is { IsComplete: true, HopPlace: not null, Signature.Present: false };
    }

    /// <summary>Copies a package and puts the hop in.</summary>
    /// <param name="package">The package from its first byte.</param>
    /// <param name="reading">What a reader found in it.</param>
    /// <param name="hop">The node and the time.</param>
    /// <param name="output">Receives the new package.</param>
    /// <param name="cancellationToken">Stops the copying.</param>
    /// <exception cref="InvalidOperationException"><see cref="CanAppend"/> is false.</exception>
    public static async Task AppendAsync(
        Stream package,
        PackageReading reading,
        TraceHop hop,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(hop);
        ArgumentNullException.ThrowIfNull(output);
        if (!CanAppend(reading))
            throw new InvalidOperationException("No hop may be added to this package.");
        var place = reading.HopPlace!;
        await CopyAsync(package, output, place.Offset, cancellationToken);
        await output.WriteAsync(Element(hop, place.Prefix), cancellationToken);
        await package.CopyToAsync(output, cancellationToken);
    }

    private static byte[] Element(TraceHop hop, string prefix)
    {
        var p = prefix.Length == 0 ? "" : prefix + ":";
        var w = new ElementWriter(indent: false);
        w.Open(p + "TraceHeader");
        w.Leaf(p + "OrganId", hop.OrganId);
        w.Leaf(p + "Timestamp", hop.Timestamp?.Text);
        w.Close(p + "TraceHeader");
        return w.Written.ToArray();
    }

    private static async Task CopyAsync(
        Stream from,
        Stream to,
        long count,
        CancellationToken cancellationToken
    )
    {
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            while (count > 0)
            {
                var n = await from.ReadAsync(
                    buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)),
                    cancellationToken
                );
                if (n == 0)
                    throw new InvalidDataException(
                        "The package is shorter than it was when it was read."
                    );
                await to.WriteAsync(buffer.AsMemory(0, n), cancellationToken);
                count -= n;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
