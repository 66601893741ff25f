using System.Security.Cryptography;
using Axis.EdXml;
using Axis.Hub.Storage;
using Axis.Hub.Vxp;
using Axis.TestKit;
using Axis.Vxp;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Vxp;

/// <summary>
/// A client that adds no line end to a file that ends with one of its own, whatever the size of the file; and one whose
/// digest is wrong, which must not cost more than it costs to find that out.
/// </summary>
public sealed class FileWithLineEndTests
{
    private VxpProvince _province = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _province = await VxpProvince.StartAsync();

    [OneTimeTearDown]
    public Task StopAsync() => _province.DisposeAsync().AsTask();

    [TestCase(600)]
    [TestCase(1_500_000)]
    public async Task Its_file_is_kept_with_its_own_line_end(int attachmentBytes)
    {
        var letter = new Letter("H41.01", "H41.03") { AttachmentBytes = attachmentBytes };
        byte[] file = [.. letter.Unsigned(), .. "\r\n"u8];

        var answer = await SendAsync(file, file);

        Assert.That(answer.IsOk, Is.True, answer.Text);
        Assert.That(
            await _province.Hub.CountAsync(
                $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}' AND sha256 = '\\x{Convert.ToHexString(SHA256.HashData(file))}'"
            ),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task A_large_file_with_a_wrong_digest_is_refused_and_not_kept()
    {
        var letter = new Letter("H41.01", "H41.03") { AttachmentBytes = 1_500_000 };

        var answer = await SendAsync(
            [.. letter.Unsigned(), .. "\r\n"u8],
            "another file"u8.ToArray()
        );

        Assert.That(answer.Words, Does.StartWith("AXIS-6101"));
        Assert.That(
            await _province.Hub.CountAsync(
                $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'"
            ),
            Is.Zero
        );
    }

    [Test]
    public async Task However_large_the_file_is_only_a_piece_of_it_is_in_hand()
    {
        const int Length = 70 * 1024 * 1024;
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var blanks = Enumerable.Repeat((byte)' ', 1024 * 1024).ToArray();
        for (var i = 0; i < Length / blanks.Length; i++)
        {
            sha256.AppendData(blanks);
        }
        sha256.AppendData("\r\n"u8);
        using var file = new Blanks(Length);

        Assert.That(
            await FileWithLineEnd.IsMeantAsync(
                file,
                FileHash.Unpadded(sha256.GetHashAndReset()),
                default
            ),
            Is.True
        );
        Assert.That(file.LargestRead, Is.LessThanOrEqualTo(FileWithLineEnd.PieceBytes));
        file.Position = 0;
        // Taken in, it rests in a file as it would have at first, and not in memory.
        await using var spool = await ReceiveAsync(file, Length, Length + 2);
        Assert.That(spool!.Memory, Is.Null);
        Assert.That(spool.Reading.Length, Is.EqualTo(Length + 2));
        Assert.That(file.LargestRead, Is.LessThan(1024 * 1024));
    }

    [Test]
    public async Task A_file_that_is_too_large_with_its_line_end_is_not_taken_in()
    {
        using var file = new Blanks(10_000_000);
        Assert.That(await ReceiveAsync(file, 10_000_000, 10_000_001), Is.Null);
    }

    /// <summary>One may be lower than the hub's, and what the sender is told is what holds for him.</summary>
    [Test]
    public async Task A_letter_beyond_its_senders_own_limit_is_refused_with_that_limit_at_both_doors()
    {
        await LimitAsync("100000");
        var letter = new Letter("H41.01", "H41.03") { AttachmentBytes = 150_000 }.Unsigned();
        using var login = await _province.Hub.ClientAsync("demo");
        login.DefaultRequestHeaders.Add("X-SystemId", "demo.h41");
        login.DefaultRequestHeaders.Add("X-SecretKey", VxpProvince.Secret);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(letter), "edocFile", "cong-van.edxml" },
        };
        using var lgsp = await login.PostAsync(new Uri("lgsp/v1/sendEdoc", UriKind.Relative), form);
        var vxp = await SendAsync([.. letter, .. "\r\n"u8], letter);
        await LimitAsync("NULL");

        Assert.That(vxp.Words, Does.StartWith("AXIS-6001").And.Contain(" 100000 "));
        Assert.That(
            await lgsp.Content.ReadAsStringAsync(),
            Does.Contain("AXIS-6001").And.Contain(" 100000 ")
        );

        Task LimitAsync(string limit) =>
            _province.Hub.ChangeRegistryAsync(
                $"UPDATE office_system SET max_package_bytes = {limit} WHERE id = 'demo'"
            );
    }

    private Task<Axis.Hub.Intake.PackageSpool?> ReceiveAsync(Blanks file, int length, int most) =>
        FileWithLineEnd.ReceiveAsync(
            file,
            length,
            new ReadLimits { MaxBytes = most },
            1024 * 1024,
            _province.Hub.Services.GetRequiredService<PayloadStore>(),
            default
        );

    private async Task<RawAnswer> SendAsync(byte[] body, byte[] digested) =>
        await (
            VxpAsk.Sending(digested, "demo.h41", VxpProvince.Secret, "H41.01") with
            {
                Body = body,
            }
        ).ToAsync(_province.Hub.Http);

    /// <summary>A file that nobody holds, and that remembers how much of it was wanted at a time.</summary>
    private sealed class Blanks(long length) : Stream
    {
        public int LargestRead { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            LargestRead = Math.Max(LargestRead, buffer.Length);
            var read = (int)Math.Min(buffer.Length, length - Position);
            buffer[..read].Fill((byte)' ');
            Position += read;
            return read;
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
        ) => Task.FromResult(Read(buffer, offset, count));

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();
    }
}
