using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Axis.EdXml.Tests;

[TestFixture]
public class WriterTests
{
    private static byte[] Write(
        DocumentHeader header,
        params (string Name, byte[] Content)[] attachments
    )
    {
        using var output = new MemoryStream();
        var draft = new DocumentDraft
        {
            Header = header,
            Attachments =
            [
                .. attachments.Select(
                    (a, i) =>
                        new AttachmentDraft
                        {
                            ContentId = $"cid:{i}",
                            Name = a.Name,
                            ContentType = "application/octet-stream",
                            Open = () => new MemoryStream(a.Content),
                        }
                ),
            ],
        };
        PackageWriter.WriteAsync(draft, output, CancellationToken.None).GetAwaiter().GetResult();
        return output.ToArray();
    }

    private static byte[] Write(StatusHeader header)
    {
        using var output = new MemoryStream();
        PackageWriter
            .WriteAsync(new StatusDraft { Header = header }, output, CancellationToken.None)
            .GetAwaiter()
            .GetResult();
        return output.ToArray();
    }

    private static PackageReading Read(byte[] package) =>
        PackageReader.Read(
            package,
            ReadLimits.Default with
            {
                AttachmentDetail = AttachmentDetail.Full,
            }
        );

    /// <summary>Records with lists compare by reference; their JSON compares by content. Line ends are \n in XML.</summary>
    private static string Show<T>(T value) => JsonSerializer.Serialize(value);

    [Test]
    public void Any_letter_reads_back_equal() =>
        Prop.ForAll(
                Drafts.Document.ToArbitrary(),
                Drafts.Attachments.ToArbitrary(),
                (header, attachments) =>
                {
                    var reading = Read(Write(header, attachments));
                    Assert.That(reading.Findings, Is.Empty);
                    Assert.That(
                        Show(reading.Document! with { Manifest = [] }),
                        Is.EqualTo(Show(header))
                    );
                    Assert.That(
                        reading.Attachments.Select(a => a.Name),
                        Is.EqualTo(attachments.Select(a => a.Name))
                    );
                    Assert.That(
                        reading.Attachments.Select(a => Convert.ToHexString(a.Sha256.Span)),
                        Is.EqualTo(
                            attachments.Select(a => Convert.ToHexString(SHA256.HashData(a.Content)))
                        )
                    );
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Test]
    public void Any_status_reads_back_equal() =>
        Prop.ForAll(
                Drafts.Status.ToArbitrary(),
                header => Assert.That(Show(Read(Write(header)).Status), Is.EqualTo(Show(header)))
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Test]
    public void What_the_fixture_says_is_written_without_any_finding()
    {
        var package = Write(
            Fixture.Read(Fixture.Document).Document!,
            ("công văn.pdf", Encoding.UTF8.GetBytes(Fixture.Pdf))
        );
        var findings = PackageRules.Check(Read(package), RuleProfile.Strict, Fixture.Today);
        Assert.That(findings.Select(f => f.Rule), Is.EqualTo(new[] { Rules.DeclaredTypeDiffers }));
        Assert.That(
            PackageRules.Check(
                Read(Write(Fixture.Read(Fixture.Status).Status!)),
                RuleProfile.Strict,
                Fixture.Today
            ),
            Is.Empty
        );
    }

    [Test]
    public void The_form_is_the_dominant_one()
    {
        var text = Encoding.UTF8.GetString(
            Write(Fixture.Read(Fixture.Document).Document!, ("a", [1, 2, 3]))
        );
        Assert.That(
            text,
            Does.StartWith(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">\n  <edXML:edXMLEnvelope xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">\n    <edXML:edXMLHeader>\n      <edXML:MessageHeader>\n        <edXML:From>\n          <edXML:OrganId>H99.01</edXML:OrganId>"
            )
        );
        Assert.That(
            text,
            Does.EndWith(
                "\">AQID</edXML:ContentTransferEncoded>\n    </Attachment>\n  </AttachmentEncoded>\n</edXML>\n"
            )
        );
    }

    [Test]
    public void The_same_draft_gives_the_same_bytes()
    {
        var header = Fixture.Read(Variants.Update("1")).Document!;
        var first = Write(header, ("a.bin", [1, 2]));
        Assert.That(Write(header, ("a.bin", [1, 2])), Is.EqualTo(first));
    }

    [TestCase(48 * 1024)]
    [TestCase(48 * 1024 + 1)]
    [TestCase(500_000)]
    public void Large_attachments_stream_through(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        var package = Write(Fixture.Read(Fixture.Document).Document!, ("a.bin", content));
        var facts = Read(package).Attachments.Single();
        Assert.That(facts.Sha256.ToArray(), Is.EqualTo(SHA256.HashData(content)));
        Assert.That(facts.Size, Is.EqualTo(size));
    }

    [TestCase(0x0000)]
    [TestCase(0xFFFE)]
    [TestCase(0xD800)]
    public void A_character_that_XML_cannot_carry_is_refused_before_anything_is_written(int bad)
    {
        using var output = new MemoryStream();
        var draft = new DocumentDraft
        {
            Header = Fixture.Read(Fixture.Document).Document! with { Content = "a" + (char)bad },
        };
        Assert.That(
            () => PackageWriter.WriteAsync(draft, output, CancellationToken.None),
            Throws.ArgumentException.With.Message.Contains("edXML:Content")
        );
        Assert.That(output.Length, Is.Zero);
    }

    [Test]
    public void Two_attachments_of_one_id_are_refused()
    {
        var attachment = new AttachmentDraft
        {
            ContentId = "cid:1",
            Name = "a",
            ContentType = "text/plain",
            Open = () => Stream.Null,
        };
        var draft = new DocumentDraft
        {
            Header = Fixture.Read(Fixture.Document).Document!,
            Attachments = [attachment, attachment],
        };
        Assert.That(
            () => PackageWriter.WriteAsync(draft, Stream.Null, CancellationToken.None),
            Throws.ArgumentException
        );
    }
}
