using System.Security.Cryptography;
using Axis.EdXml;
using Axis.Hub.Storage;
using Axis.Hub.Tests.Access;
using Axis.Hub.Trust;
using Axis.Hub.Trust.Revocation;
using Axis.Signatures;
using Axis.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Trust;

/// <summary>The bounds of judging documents: what lies beyond them is told, never passed over.</summary>
public sealed class DocumentJudgeTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    private string _folder = "";

    [OneTimeSetUp]
    public void Make_a_folder() =>
        _folder = Directory.CreateTempSubdirectory("axis-judge-").FullName;

    [OneTimeTearDown]
    public void Remove_it() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task More_files_than_allowed_are_not_judged_and_say_so()
    {
        var verdicts = await JudgeAsync(new TrustOptions { MaxDocuments = 2 }, files: 3);
        Assert.That(
            verdicts.Select(one => one.Kind),
            Is.EqualTo(
                new[]
                {
                    SignatureVerdictKind.None,
                    SignatureVerdictKind.None,
                    SignatureVerdictKind.Unsupported,
                }
            )
        );
        Assert.That(verdicts[2].Reason, Does.Contain("Not judged"));
    }

    [Test]
    public async Task More_bytes_than_allowed_are_not_judged_and_say_so()
    {
        var verdicts = await JudgeAsync(new TrustOptions { MaxDocumentBytes = 900 }, files: 2);
        Assert.That(
            verdicts.Select(one => one.Kind),
            Is.EqualTo(new[] { SignatureVerdictKind.None, SignatureVerdictKind.Unsupported })
        );
    }

    [Test]
    public async Task When_the_time_is_over_nothing_more_is_judged()
    {
        var verdicts = await JudgeAsync(
            new TrustOptions { MaxDocumentTime = TimeSpan.FromSeconds(30) },
            files: 2,
            new HurriedClock()
        );
        Assert.That(verdicts[^1].Kind, Is.EqualTo(SignatureVerdictKind.Unsupported));
    }

    [Test]
    public async Task No_temporary_file_stays_behind()
    {
        await JudgeAsync(new TrustOptions { DocumentMemoryBytes = 100 }, files: 2);
        await JudgeAsync(
            new TrustOptions { DocumentMemoryBytes = 100, MaxDocumentBytes = 300 },
            files: 2
        );
        Assert.That(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories), Is.Empty);
    }

    private static IEnumerable<TestCaseData> HostileFiles()
    {
        yield return new TestCaseData(
            (Func<byte[]>)HostilePdf.AskingForDictionary
        ).SetArgDisplayNames("asking the inflater for a dictionary");
        yield return new TestCaseData(
            (Func<byte[]>)HostilePdf.ByMalformedCertificate
        ).SetArgDisplayNames("signed with a malformed certificate");
    }

    [TestCaseSource(nameof(HostileFiles))]
    public async Task A_file_made_to_break_the_verifier_gets_a_verdict(Func<byte[]> make)
    {
        var verdicts = await JudgeAsync(
            new TrustOptions(),
            files: 1,
            letter: new Letter("H99", "H99.01") { Content = make() }
        );
        Assert.That(
            verdicts.Single().Kind,
            Is.EqualTo(SignatureVerdictKind.Broken).Or.EqualTo(SignatureVerdictKind.Malformed)
        );
    }

    /// <summary>Else a bad hour of the disk would be written into the receipt as a fault of the letter.</summary>
    [Test]
    public void A_disk_that_fails_is_no_verdict_on_the_file_that_lay_on_it()
    {
        var package = new Letter("H99", "H99.01")
        {
            Content = SignedPdf.By(TestKeys.Of("H99")),
        }.Unsigned();
        using var reader = new PackageReader(new ReadLimits());
        reader.Feed(package);
        var judge = new AttachmentJudge(
            new DocumentLimits { MemoryBytes = 100 },
            () => new FailingFile(),
            new SetClock(s_now)
        );
        Assert.That(
            () =>
                judge.JudgeAsync(
                    new MemoryStream(package),
                    reader.Complete().Attachments,
                    new ChainJudge([]),
                    s_now,
                    CancellationToken.None
                ),
            Throws.InstanceOf<IOException>().With.Message.EqualTo("a bad hour")
        );
    }

    private sealed class FailingFile : ITemporaryFile
    {
        private readonly MemoryStream _written = new();

        public ValueTask WriteAsync(
            ReadOnlyMemory<byte> bytes,
            CancellationToken cancellationToken
        ) => _written.WriteAsync(bytes, cancellationToken);

        public Task<Stream> OpenReadAsync(CancellationToken cancellationToken) =>
            Task.FromResult<Stream>(new FailingStream(_written.ToArray()));

        public ValueTask DisposeAsync() => _written.DisposeAsync();
    }

    private sealed class FailingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => throw new IOException("a bad hour");

        public override int Read(byte[] buffer, int offset, int count) =>
            throw new IOException("a bad hour");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_rests_on_the_disk_meanwhile_is_encrypted_where_payloads_are(
        bool encrypted
    )
    {
        var seen = new List<byte[]>();
        var verdicts = await JudgeAsync(
            new TrustOptions { DocumentMemoryBytes = 100 },
            files: 1,
            letter: new Letter("H99", "H99.01") { AttachmentBytes = 1_000_000 },
            keys: encrypted ? Keys() : null,
            whileReading: () =>
                seen.AddRange(
                    Directory
                        .EnumerateFiles(Path.Combine(_folder, "uploads"))
                        .Select(ReadWhileWritten)
                )
        );
        Assert.That(verdicts.Single().Kind, Is.EqualTo(SignatureVerdictKind.None), "it was read");
        Assert.That(seen.Any(file => file.Length > 100_000), "there was a file");
        Assert.That(
            seen.Any(file => file.AsSpan().IndexOf("%PDF-"u8) >= 0),
            Is.EqualTo(!encrypted)
        );
        Assert.That(Directory.EnumerateFiles(Path.Combine(_folder, "uploads")), Is.Empty);
    }

    private static byte[] ReadWhileWritten(string path)
    {
        using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete
        );
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private PayloadKeys Keys()
    {
        var file = Path.Combine(_folder, "keys");
        File.WriteAllText(
            file,
            $"k1 {Convert.ToBase64String(RandomNumberGenerator.GetBytes(PayloadKeys.KeyBytes))}"
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        var keys = new PayloadKeys(
            Options.Create(new StorageOptions { EncryptionKeyFile = file, EncryptionKeyId = "k1" })
        );
        File.Delete(file);
        return keys;
    }

    private async Task<IReadOnlyList<AttachmentVerdict>> JudgeAsync(
        TrustOptions options,
        int files,
        TimeProvider? clock = null,
        Letter? letter = null,
        PayloadKeys? keys = null,
        Action? whileReading = null
    )
    {
        clock ??= new SetClock(s_now);
        using var memory = new RevocationMemory(Options.Create(new RevocationOptions()), clock);
        using var folder = new TrustFolder(
            memory,
            Options.Create(options),
            clock,
            NullLogger<TrustFolder>.Instance
        );
        folder.Refresh();
        var payloads = new PayloadFiles(
            Options.Create(new StorageOptions { PayloadFolder = _folder })
        );
        keys ??= new PayloadKeys(Options.Create(new StorageOptions()));
        var package = (letter ?? new Letter("H99", "H99.01")).Unsigned();
        using var reader = new PackageReader(new ReadLimits());
        reader.Feed(package);
        var attachment = reader.Complete().Attachments.Single();
        return await new DocumentJudge(
            folder,
            payloads,
            keys,
            Options.Create(options),
            clock
        ).JudgeAsync(
            new WatchedStream(package, whileReading),
            [.. Enumerable.Repeat(attachment, files)],
            s_now,
            CancellationToken.None
        );
    }

    /// <summary>Something happens whenever it is read from its middle on.</summary>
    private sealed class WatchedStream(byte[] bytes, Action? whileReading) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            if (Position > Length / 2)
            {
                whileReading?.Invoke();
            }
            return base.ReadAsync(buffer, cancellationToken);
        }
    }

    /// <summary>A clock on which a minute passes whenever somebody looks.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Increment(ref _looks) * 60;
    }
}
