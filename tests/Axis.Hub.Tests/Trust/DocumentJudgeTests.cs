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

    private async Task<IReadOnlyList<AttachmentVerdict>> JudgeAsync(
        TrustOptions options,
        int files,
        TimeProvider? clock = null
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
        var package = new Letter("H99", "H99.01").Unsigned();
        using var reader = new PackageReader(new ReadLimits());
        reader.Feed(package);
        var attachment = reader.Complete().Attachments.Single();
        return await new DocumentJudge(folder, payloads, Options.Create(options), clock).JudgeAsync(
            new MemoryStream(package),
            [.. Enumerable.Repeat(attachment, files)],
            s_now,
            CancellationToken.None
        );
    }

    /// <summary>A clock on which a minute passes whenever somebody looks.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Increment(ref _looks) * 60;
    }
}
