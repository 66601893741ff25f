using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;

namespace Axis.EdXml.Tests;

/// <summary>Any byte string gives findings or a package, never an exception.</summary>
[TestFixture]
public class FuzzTests
{
    /// <summary>Bytes for reading a package of the corpus (below 100 KB) and checking it against every profile.</summary>
    private const long MostAllocated = 16 * 1024 * 1024;

    [TestCase(3_000)]
    [TestCase(200_000, Category = "Long", Explicit = true, Reason = "Long suite")]
    public void Damaged_packages_never_throw(int rounds)
    {
        var corpus = Corpus();
        var random = new Random(42);
        var clock = new Stopwatch();
        for (var i = 0; i < rounds; i++)
        {
            var bytes = Mutation.Apply(corpus[i % corpus.Count], random, most: 6);
            var detail = (AttachmentDetail)(i % 2);
            clock.Restart();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var reading = PackageReader.Read(
                bytes,
                ReadLimits.Default with
                {
                    AttachmentDetail = detail,
                }
            );
            foreach (var profile in Enum.GetValues<RuleProfile>())
            {
                var findings = PackageRules.Check(reading, profile, Fixture.Today);
                foreach (var finding in findings)
                    _ = finding.MessageVi + finding.MessageEn;
                if (
                    profile != RuleProfile.Tolerant
                    && findings.All(f => f.Severity != Severity.Error)
                )
                    AssertRoutable(reading);
            }
            Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromMinutes(1)), $"round {i}");
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.That(allocated, Is.LessThan(MostAllocated), $"round {i}");
            if (i % 16 == 0)
                ReadAttachments(bytes, reading);
        }
    }

    /// <summary>What a hub may rely on without looking once the axis profile has no error.</summary>
    private static void AssertRoutable(PackageReading reading)
    {
        Assert.That(reading.IsComplete);
        Assert.That(reading.Kind, Is.Not.Null);
        if (reading.Document is { } d)
        {
            Assert.That(d.From.Code, Is.Not.Null);
            Assert.That(d.To, Is.Not.Empty.And.All.Matches<Party>(t => t.Code is not null));
            Assert.That(d.DocumentId, Is.Not.Null);
            Assert.That(d.CodeNumber, Is.Not.Null);
            Assert.That(d.CodeNotation, Is.Not.Null);
            Assert.That(d.Subject, Is.Not.Null);
            Assert.That(
                reading.Attachments,
                Has.All.Matches<AttachmentFacts>(a => a.HasData && a.InPlace)
            );
        }
        else
        {
            var s = reading.Status!;
            Assert.That(s.From.Code, Is.Not.Null);
            Assert.That(s.ResponseFor.OrganCode, Is.Not.Null);
            Assert.That(s.ResponseFor.DocumentId ?? s.ResponseFor.Code, Is.Not.Null);
            Assert.That(s.StatusCode, Has.Length.EqualTo(2));
        }
    }

    /// <summary>Opening damaged content may fail in one way only.</summary>
    private static void ReadAttachments(byte[] bytes, PackageReading reading)
    {
        foreach (var attachment in reading.Attachments.Where(a => a.HasData))
        {
            try
            {
                using var content = AttachmentStream.Open(new MemoryStream(bytes), attachment);
                using var copy = new MemoryStream();
                content.CopyTo(copy);
                copy.Position = 0;
                using var inner = ZipUnwrap.TryOpen(copy, UnpackLimits.Default);
                inner?.Content.CopyTo(Stream.Null);
            }
            catch (InvalidDataException)
            {
                // As documented.
            }
        }
    }

    private static List<byte[]> Corpus()
    {
        var corpus = new List<byte[]>(DifferentialTests.Corpus());
        foreach (
            var text in (string[])
                [
                    Variants.Soap,
                    Variants.Flat,
                    Variants.Update("1"),
                    Variants.Replace("x"),
                    Variants.WrongAttachments,
                ]
        )
            corpus.Add(Fixture.Bytes(text));
        foreach (var name in SampleFiles.TryAll())
        {
            var bytes = SampleFiles.Read(name);
            if (bytes.Length < 64 * 1024)
                corpus.Add(bytes);
        }
        return corpus;
    }

    [Test]
    public void Any_bytes_are_read_without_an_exception() =>
        Prop.ForAll<byte[]>(bytes =>
            {
                var reading = PackageReader.Read(bytes, ReadLimits.Default);
                return reading.Length == bytes.Length
                    && PackageRules.Check(reading, RuleProfile.Axis, Fixture.Today).Count > 0;
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));
}
