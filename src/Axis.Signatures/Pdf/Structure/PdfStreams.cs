using System.IO.Compression;

namespace Axis.Signatures;

/// <summary>Unpacks the streams that hold structure: cross-references and compressed objects (ISO 32000-2 sections 7.5.7 and 7.5.8).</summary>
internal sealed class PdfStreams(Stream file, PdfBudget budget)
{
    /// <summary>Unpacked bytes of one stream.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    public PdfBudget Budget { get; } = budget;

    /// <exception cref="PdfFormatException">It cannot be unpacked, or not within the limits.</exception>
    public byte[] Unpack(PdfDictionary stream)
    {
        if (
            stream.DataStart is not { } start
            || stream.Integer("Length") is not (>= 0 and var length)
            || length > file.Length - start
        )
            throw new PdfFormatException("A stream has no length of its own.");
        var packed = new Range(file, start, length);
        var filter = stream.Get("Filter") is PdfArray { Items: [var only] }
            ? only
            : stream.Get("Filter");
        var bytes = filter switch
        {
            null => ReadAll(packed),
            PdfName { Value: "FlateDecode" } => Inflate(packed),
            _ => throw new PdfFormatException("A stream of structure is packed in an unusual way."),
        };
        var parameters = stream.Get("DecodeParms") is PdfArray { Items: [var first] }
            ? first
            : stream.Get("DecodeParms");
        return parameters is PdfDictionary dictionary ? UndoPrediction(bytes, dictionary) : bytes;
    }

    private byte[] Inflate(Range packed)
    {
        try
        {
            using var inflater = new ZLibStream(packed, CompressionMode.Decompress);
            return ReadAll(inflater);
        }
        // The inflater has several words for bytes that it cannot take; for a preset dictionary (RFC 1950 section 2.2) it
        // throws an IOException, which elsewhere means that a disk has failed. Only the file itself can say that.
        catch (Exception damage) when (damage is not PdfFormatException && !packed.HasFailed)
        {
            throw new PdfFormatException("A compressed stream is damaged.");
        }
    }

    private byte[] ReadAll(Stream stream)
    {
        using var bytes = new MemoryStream();
        var piece = new byte[16 * 1024];
        for (var length = stream.Read(piece); length > 0; length = stream.Read(piece))
        {
            Budget.Unpacked(length);
            if (bytes.Length + length > MaxBytes)
                throw new PdfFormatException("The compressed structure unpacks to too much.");
            bytes.Write(piece, 0, length);
        }
        return bytes.ToArray();
    }

    /// <summary>The predictors of PNG, which only the writers of cross-reference streams use; all say in each row which one.</summary>
    private static byte[] UndoPrediction(byte[] bytes, PdfDictionary parameters)
    {
        if (parameters.Integer("Predictor") is not { } predictor || predictor == 1)
            return bytes;
        var columns = parameters.Integer("Columns") ?? 1;
        if (
            predictor < 10
            || columns is < 1 or > 1024
            || (parameters.Integer("Colors") ?? 1) != 1
            || (parameters.Integer("BitsPerComponent") ?? 8) != 8
        )
            throw new PdfFormatException("A stream of structure is predicted in an unusual way.");
        var width = (int)columns;
        var rows = bytes.Length / (width + 1);
        var result = new byte[rows * width];
        for (var row = 0; row < rows; row++)
        {
            var from = bytes.AsSpan(row * (width + 1) + 1, width);
            var to = result.AsSpan(row * width, width);
            var above = row == 0 ? default : result.AsSpan((row - 1) * width, width);
            for (var i = 0; i < width; i++)
            {
                var left = i == 0 ? 0 : to[i - 1];
                var up = above.IsEmpty ? 0 : above[i];
                var corner = i == 0 || above.IsEmpty ? 0 : above[i - 1];
                to[i] = (byte)(
                    from[i]
                    + bytes[row * (width + 1)] switch
                    {
                        0 => 0,
                        1 => left,
                        2 => up,
                        3 => (left + up) / 2,
                        4 => Nearest(left, up, corner),
                        _ => throw new PdfFormatException("A row has an unknown predictor."),
                    }
                );
            }
        }
        return result;
    }

    private static int Nearest(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (a, b, c) = (
            Math.Abs(estimate - left),
            Math.Abs(estimate - up),
            Math.Abs(estimate - corner)
        );
        return a <= b && a <= c ? left
            : b <= c ? up
            : corner;
    }

    /// <summary>A part of the file.</summary>
    private sealed class Range(Stream file, long start, long length) : Stream
    {
        private long _at;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position
        {
            get => _at;
            set => throw new NotSupportedException();
        }

        /// <summary>Whether the file could not be read; whatever else goes wrong lies in its bytes.</summary>
        public bool HasFailed { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            try
            {
                file.Position = start + _at;
                var read = file.Read(buffer[..(int)Math.Min(buffer.Length, length - _at)]);
                _at += read;
                return read;
            }
            catch
            {
                HasFailed = true;
                throw;
            }
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            Read(buffer.AsSpan(offset, count));

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();
    }
}
