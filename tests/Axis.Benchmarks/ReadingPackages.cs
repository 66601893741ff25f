using System.Buffers.Text;
using System.Text;
using Axis.EdXml;

namespace Axis.Benchmarks;

/// <summary>Packages of any size for measuring: a real header around one attachment of noise in base64.</summary>
internal static class ReadingPackages
{
    private const string Place = "QVhJUw==";
    private const int BlockBytes = 48 * 1024;

    /// <summary>A package of exactly that many bytes, made while it is read: it takes no memory of its own.</summary>
    /// <param name="length">Bytes; a header's worth at least.</param>
    /// <param name="afterRead">Called after every piece handed out.</param>
    public static async Task<Stream> OpenAsync(long length, Action? afterRead = null)
    {
        var frame = await FrameAsync();
        var at = frame.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Place));
        var head = frame[..at];
        var tail = frame[(at + Place.Length)..];
        return new Framed(head, tail, length, afterRead);
    }

    /// <summary>The same package in memory.</summary>
    public static async Task<byte[]> BytesAsync(int length)
    {
        await using var package = await OpenAsync(length);
        var bytes = new byte[length];
        await package.ReadExactlyAsync(bytes);
        return bytes;
    }

    /// <summary>A status of the size seen in the field, about 1.7 KB.</summary>
    public static async Task<byte[]> StatusAsync()
    {
        using var output = new MemoryStream();
        await PackageWriter.WriteAsync(
            new StatusDraft
            {
                Header = new StatusHeader
                {
                    From = Department,
                    ResponseFor = new ResponseFor
                    {
                        OrganId = "H99",
                        Code = "15/UBND-VP",
                        PromulgationDate = EdDate.Parse("2026/01/05"),
                        DocumentId = "H99,2026/01/05,15/UBND-VP",
                    },
                    StaffInfo = new StaffInfo
                    {
                        Department = "Văn phòng Sở Tài chính tỉnh An Giao",
                        Staff = "Trần Thị Bình",
                        Mobile = "0123 456 789",
                        Email = "ttbinh@stc.angiao.example.vn",
                    },
                    StatusCode = "03",
                    Description = "Văn thư đã tiếp nhận văn bản và chuyển lãnh đạo Sở phân công",
                    Timestamp = EdTimestamp.Parse("2026/01/05 09:30:00"),
                },
            },
            output,
            CancellationToken.None
        );
        return output.ToArray();
    }

    private static Party Department { get; } =
        new()
        {
            OrganId = "H99.05",
            OrganizationInCharge = "Uỷ ban nhân dân tỉnh An Giao",
            OrganName = "Sở Tài chính",
            OrganAdd = "Số 1 đường Trần Hưng Đạo",
            Email = "stc@angiao.example.vn",
            Telephone = "0123 456 789",
            Website = "stc.angiao.example.vn",
        };

    private static async Task<byte[]> FrameAsync()
    {
        using var output = new MemoryStream();
        await PackageWriter.WriteAsync(
            new DocumentDraft
            {
                Header = new DocumentHeader
                {
                    From = new Party { OrganId = "H99", OrganName = "UBND tỉnh An Giao" },
                    To = [Department],
                    DocumentId = "H99,2026/01/05,15/UBND-VP",
                    CodeNumber = "15",
                    CodeNotation = "UBND-VP",
                    Place = "An Giao",
                    PromulgationDate = EdDate.Parse("2026/01/05"),
                    Subject = "V/v báo cáo tình hình gửi, nhận văn bản điện tử",
                    Trace =
                    [
                        new TraceHop
                        {
                            OrganId = "H99",
                            Timestamp = EdTimestamp.Parse("2026/01/05 09:00:00"),
                        },
                    ],
                },
                Attachments =
                [
                    new AttachmentDraft
                    {
                        ContentId = "cid:1",
                        Name = "van-ban.pdf",
                        ContentType = "application/pdf",
                        Open = () => new MemoryStream(Encoding.ASCII.GetBytes("AXIS")),
                    },
                ],
            },
            output,
            CancellationToken.None
        );
        return output.ToArray();
    }

    private sealed class Framed : Stream
    {
        private readonly byte[] _head;
        private readonly byte[] _tail;
        private readonly byte[] _block = new byte[Base64.GetMaxEncodedToUtf8Length(BlockBytes)];
        private readonly long _length;
        private readonly Action? _afterRead;
        private long _at;

        public Framed(byte[] head, byte[] tail, long length, Action? afterRead)
        {
            (_head, _tail, _length, _afterRead) = (head, tail, length, afterRead);
            var noise = new byte[BlockBytes];
            // Noise that is the same in every run, so that runs can be compared.
#pragma warning disable CA5394
            new Random(1).NextBytes(noise);
#pragma warning restore CA5394
            Base64.EncodeToUtf8(noise, _block, out _, out _);
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => _length;

        public override long Position
        {
            get => _at;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var tailStart = _length - _tail.Length;
            var from =
                _at < _head.Length ? _head.AsSpan((int)_at)
                : _at < tailStart ? Letters(tailStart)
                : _tail.AsSpan((int)(_at - tailStart));
            var n = Math.Min(buffer.Length, from.Length);
            from[..n].CopyTo(buffer);
            _at += n;
            _afterRead?.Invoke();
            return n;
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => ValueTask.FromResult(Read(buffer.Span));

        public override Task<int> ReadAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => Task.FromResult(Read(buffer.AsSpan(offset, count)));

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();

        private Span<byte> Letters(long tailStart)
        {
            var inBlock = (int)((_at - _head.Length) % _block.Length);
            return _block.AsSpan(inBlock, (int)Math.Min(_block.Length - inBlock, tailStart - _at));
        }
    }
}
