namespace Axis.EdXml.Tests;

[TestFixture]
public class HopSplicerTests
{
    private static readonly TraceHop Node = new()
    {
        OrganId = "00.99.W00",
        Timestamp = EdTimestamp.Of(new DateTimeOffset(2026, 3, 2, 2, 0, 0, TimeSpan.Zero)),
    };

    private static async Task<byte[]> Splice(byte[] package)
    {
        var reading = PackageReader.Read(package, ReadLimits.Default);
        using var output = new MemoryStream();
        await HopSplicer.AppendAsync(
            new MemoryStream(package),
            reading,
            Node,
            output,
            CancellationToken.None
        );
        return output.ToArray();
    }

    [Test]
    public async Task A_hop_is_added_and_no_other_byte_changes()
    {
        var before = Fixture.Bytes(Fixture.Document);
        var after = await Splice(before);
        var at = before.AsSpan().IndexOf("</edXML:TraceHeaderList>"u8);
        var added = after.Length - before.Length;
        Assert.That(after[..at], Is.EqualTo(before[..at]));
        Assert.That(after[(at + added)..], Is.EqualTo(before[at..]));

        var trace = PackageReader.Read(after, ReadLimits.Default).Document!.Trace;
        Assert.That(trace.Select(h => h.OrganId), Is.EqualTo(new[] { "H99.01", "00.99.W00" }));
        Assert.That(trace[1].Timestamp!.Value.Text, Is.EqualTo("2026/03/02 09:00:00"));
    }

    [TestCase("q:", "xmlns:q=")]
    [TestCase("", "xmlns=")]
    public async Task The_prefix_of_the_package_is_kept(string prefix, string declaration)
    {
        var text = Fixture.Document.With("edXML:", prefix).With("xmlns:edXML=", declaration);
        var after = await Splice(Fixture.Bytes(text));
        Assert.That(
            PackageReader.Read(after, ReadLimits.Default).Document!.Trace,
            Has.Count.EqualTo(2)
        );
    }

    [Test]
    public async Task Hops_add_up()
    {
        var package = Fixture.Bytes(Fixture.Document);
        for (var i = 0; i < 5; i++)
            package = await Splice(package);
        Assert.That(
            PackageReader.Read(package, ReadLimits.Default).Document!.Trace,
            Has.Count.EqualTo(6)
        );
    }

    [Test]
    public void A_signed_package_a_status_and_a_package_without_trace_are_left_alone()
    {
        foreach (
            var text in (string[])
                [
                    Fixture.Document.With(
                        "</edXML:edXMLHeader>",
                        "<Signature/></edXML:edXMLHeader>"
                    ),
                    Fixture.Status,
                    Fixture.Document.With("TraceHeaderList", "Other"),
                    Fixture.Document[..^10],
                ]
        )
        {
            Assert.That(HopSplicer.CanAppend(Fixture.Read(text)), Is.False);
            Assert.That(() => Splice(Fixture.Bytes(text)), Throws.InvalidOperationException);
        }
    }
}
