using System.Buffers;
using System.Security.Cryptography;
using Axis.EdXml.Xml;

namespace Axis.EdXml;

/// <summary>Reads one package in one pass over its bytes, in constant memory. Bad input gives findings, never an exception.</summary>
public sealed class PackageReader : IDisposable
{
    /// <summary>Hashing and tokenising take turns on pieces that stay in the processor's cache.</summary>
    private const int PieceBytes = 32 * 1024;

    private readonly ReadLimits _limits;
    private readonly PackageCapture _capture;
    private readonly XmlTokenizer _tokenizer;
    private IncrementalHash? _hash;
    private long _length;
    private PackageReading? _reading;

    /// <param name="limits">What is accepted.</param>
    /// <param name="also">A second consumer of the same pass, e.g. a canonicaliser.</param>
    public PackageReader(ReadLimits limits, IXmlSink? also = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
        _capture = new PackageCapture(limits);
        _tokenizer = new XmlTokenizer(
            also is null ? _capture : new TeeSink(_capture, also),
            limits.ToXmlLimits()
        );
    }

    /// <summary>Takes the next bytes, in pieces of any size.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_reading is not null, this);
        var room = _limits.MaxBytes - _length;
        _length += bytes.Length;
        if (room < bytes.Length)
            bytes = room > 0 ? bytes[..(int)room] : default;
        _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, PieceBytes)];
            _hash.AppendData(piece);
            _tokenizer.Feed(piece);
            bytes = bytes[piece.Length..];
        }
    }

    /// <summary>Tells that the package has ended. Later calls return the same reading.</summary>
    public PackageReading Complete()
    {
        if (_reading is not null)
            return _reading;
        byte[] digest = _hash is null ? SHA256.HashData([]) : _hash.GetHashAndReset();
        return Complete(digest);
    }

    private PackageReading Complete(byte[] digest)
    {
        var tooLarge = _length > _limits.MaxBytes;
        if (!tooLarge)
            _tokenizer.Complete();
        _reading = ReadingBuilder.Build(
            _capture,
            _tokenizer.Error,
            _limits,
            tooLarge,
            digest,
            _length
        );
        Dispose();
        return _reading;
    }

    /// <summary>Reads a package that lies in memory.</summary>
    public static PackageReading Read(ReadOnlySpan<byte> package, ReadLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        using var reader = new PackageReader(limits);
        if (package.Length > Math.Min(PieceBytes, limits.MaxBytes))
        {
            reader.Feed(package);
            return reader.Complete();
        }
        reader._length = package.Length;
        reader._tokenizer.Feed(package);
        return reader.Complete(SHA256.HashData(package));
    }

    /// <summary>Reads a whole stream from its position to its end.</summary>
    /// <exception cref="IOException">The stream itself fails; bad content does not throw.</exception>
    public static async ValueTask<PackageReading> ReadAsync(
        Stream input,
        ReadLimits limits,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(input);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            using var reader = new PackageReader(limits);
            while (true)
            {
                var n = await input.ReadAsync(buffer.AsMemory(0, PieceBytes), cancellationToken);
                if (n == 0 || reader._length > limits.MaxBytes)
                    return reader.Complete();
                reader.Feed(buffer.AsSpan(0, n));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        _hash?.Dispose();
        _hash = null;
        _capture.Dispose();
    }

    private sealed class TeeSink(IXmlSink first, IXmlSink second) : IXmlSink
    {
        public void StartElement(in XmlStartTag tag)
        {
            first.StartElement(tag);
            second.StartElement(tag);
        }

        public void EndElement(in XmlEndTag tag)
        {
            first.EndElement(tag);
            second.EndElement(tag);
        }

        public void Text(ReadOnlySpan<byte> raw)
        {
            first.Text(raw);
            second.Text(raw);
        }

        public void CData(ReadOnlySpan<byte> raw, bool last)
        {
            first.CData(raw, last);
            second.CData(raw, last);
        }

        public void Comment(ReadOnlySpan<byte> raw, bool last)
        {
            first.Comment(raw, last);
            second.Comment(raw, last);
        }

        public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data)
        {
            first.ProcessingInstruction(target, data);
            second.ProcessingInstruction(target, data);
        }
    }
}
