using System.IO.Compression;

namespace Axis.EdXml;

/// <summary>How much a packed attachment may unfold to.</summary>
public sealed record UnpackLimits
{
    public static UnpackLimits Default { get; } = new();

    /// <summary>Bytes of the unpacked file.</summary>
    public long MaxBytes { get; init; } = 200L * 1024 * 1024;

    /// <summary>Unpacked bytes per packed byte, beyond the first megabyte.</summary>
    public int MaxRatio { get; init; } = 200;
}

/// <summary>The file inside a ZIP of one entry, as producers wrap attachments without saying so.</summary>
public sealed class ZipUnwrap : IDisposable
{
    private readonly ZipArchive _archive;

    private ZipUnwrap(ZipArchive archive, ZipArchiveEntry entry, Stream content)
    {
        _archive = archive;
        EntryName = entry.FullName;
        Content = content;
    }

    /// <summary>The entry's name: often a UUID with an extension that means nothing. The attachment's own name is the one to trust, and neither is a path.</summary>
    public string EntryName { get; }

    /// <summary>The file. Reading throws <see cref="InvalidDataException"/> when it is corrupt or unfolds beyond the limits.</summary>
    public Stream Content { get; }

    /// <summary>Opens the only entry; null when the content is no readable ZIP or has not exactly one entry.</summary>
    /// <param name="zip">The decoded attachment, seekable. It stays open.</param>
    /// <param name="limits">The guard against bombs.</param>
    public static ZipUnwrap? TryOpen(Stream zip, UnpackLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ZipArchive? archive = null;
        try
        {
            archive = new ZipArchive(zip, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.Entries is [var entry] && !entry.FullName.EndsWith('/'))
                return new ZipUnwrap(
                    archive,
                    entry,
                    new GuardedStream(entry.Open(), entry.CompressedLength, limits)
                );
        }
        catch (InvalidDataException)
        {
            // No ZIP after all, or a corrupt one: the reader's facts say so too.
        }
        archive?.Dispose();
        return null;
    }

    /// <summary>True when an attachment of that name is meant to be a ZIP itself and must not be unwrapped.</summary>
    public static bool IsZipName(string? name) =>
        Path.GetExtension(name)?.ToUpperInvariant()
            is ".ZIP"
                or ".DOCX"
                or ".XLSX"
                or ".PPTX"
                or ".ODT"
                or ".ODS"
                or ".JAR";

    public void Dispose()
    {
        Content.Dispose();
        _archive.Dispose();
    }

    private sealed class GuardedStream(Stream inner, long packed, UnpackLimits limits) : Stream
    {
        private const long FreeBytes = 1024 * 1024;
        private long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            Count(inner.Read(buffer, offset, count));

        public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => Count(await inner.ReadAsync(buffer, cancellationToken));

        public override Task<int> ReadAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        private int Count(int n)
        {
            _read += n;
            if (_read > limits.MaxBytes || _read > FreeBytes + packed * limits.MaxRatio)
                throw new InvalidDataException("The packed attachment unfolds beyond the limits.");
            return n;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
