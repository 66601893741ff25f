namespace Axis.Signatures;

/// <summary>More time than one package may take has gone into its documents.</summary>
internal sealed class BudgetSpentException : Exception;

/// <summary>What the documents of one package may cost.</summary>
internal sealed class Budget(DocumentLimits options, TimeProvider clock)
{
    private readonly long _began = clock.GetTimestamp();
    private int _documentsLeft = options.MaxDocuments;

    public long BytesLeft { get; private set; } = options.MaxBytes;

    public bool TakeDocument() => _documentsLeft-- > 0 && !IsTimeOver;

    public async Task<DecodedDocument?> DecodeAsync(
        Stream encoded,
        long expectedLength,
        Func<ITemporaryFile> createFile,
        CancellationToken cancellationToken
    )
    {
        var decoded = await DecodedDocument.ReadAsync(
            encoded,
            BytesLeft,
            (int)Math.Min(expectedLength, options.MemoryBytes),
            createFile,
            cancellationToken
        );
        BytesLeft -= decoded?.Content.Length ?? BytesLeft;
        return decoded;
    }

    /// <summary>Whether a file of our own could not be read; whatever else goes wrong lies in what was sent.</summary>
    public bool FileFailed { get; private set; }

    /// <summary>The same stream, that can be read only while there is time.</summary>
    public Stream Timed(Stream stream) => new TimedStream(stream, this);

    public AttachmentVerdict Exhausted(string? name) =>
        DocumentVerdict.NotJudged(
            name,
            SignatureVerdictKind.Unsupported,
            $"Not judged: a package's PDF files are looked at up to {options.MaxDocuments} files, {options.MaxBytes} bytes and {options.MaxTime.TotalSeconds} s.",
            $"Không kiểm tra: các tệp PDF của một gói tin chỉ được kiểm tra tối đa {options.MaxDocuments} tệp, {options.MaxBytes} byte và {options.MaxTime.TotalSeconds} giây."
        );

    private bool IsTimeOver => clock.GetElapsedTime(_began) > options.MaxTime;

    private sealed class TimedStream(Stream inner, Budget budget) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => inner.Position = value;
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (budget.IsTimeOver)
                throw new BudgetSpentException();
            try
            {
                return inner.Read(buffer);
            }
            catch
            {
                budget.FileFailed = true;
                throw;
            }
        }

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();
    }
}
