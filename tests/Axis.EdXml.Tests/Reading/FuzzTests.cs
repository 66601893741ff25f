using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;

namespace Axis.EdXml.Tests;

/// <summary>Any byte string gives findings or a package, never an exception.</summary>
[TestFixture]
public class FuzzTests
{
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
            var reading = PackageReader.Read(
                bytes,
                ReadLimits.Default with
                {
                    AttachmentDetail = detail,
                }
            );
            foreach (var profile in Enum.GetValues<RuleProfile>())
            {
                foreach (var finding in PackageRules.Check(reading, profile, Fixture.Today))
                    _ = finding.MessageVi + finding.MessageEn;
            }
            Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)), $"round {i}");
            if (i % 16 == 0)
                ReadAttachments(bytes, reading);
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
