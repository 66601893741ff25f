using Axis.EdXml.Xml;

namespace Axis.EdXml;

/// <summary>Reads one package in one pass over its bytes, in constant memory. Bad input gives findings, never an exception.</summary>
public sealed class PackageReader : IDisposable
{
    /// <param name="limits">What is accepted.</param>
    /// <param name="also">A second consumer of the same pass, e.g. a canonicaliser.</param>
    public PackageReader(ReadLimits limits, IXmlSink? also = null) =>
        throw new NotSupportedException();

    /// <summary>Takes the next bytes, in pieces of any size.</summary>
    public void Feed(ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

    /// <summary>Tells that the package has ended. Later calls return the same reading.</summary>
    public PackageReading Complete() => throw new NotSupportedException();

    /// <summary>Reads a whole stream from its position to its end.</summary>
    public static ValueTask<PackageReading> ReadAsync(
        Stream input,
        ReadLimits limits,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public void Dispose() { }
}
