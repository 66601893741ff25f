using System.Xml;
using Axis.EdXml.Xml;

namespace Axis.EdXml.Tests;

/// <summary>The platform's reader is the measure of what is well-formed; the tokenizer may only be stricter, and only where listed.</summary>
[TestFixture]
public class DifferentialTests
{
    private sealed class Ignore : IXmlSink
    {
        public void StartElement(in XmlStartTag tag) { }

        public void EndElement(in XmlEndTag tag) { }

        public void Text(ReadOnlySpan<byte> raw) { }

        public void CData(ReadOnlySpan<byte> raw, bool last) { }

        public void Comment(ReadOnlySpan<byte> raw, bool last) { }

        public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data) { }
    }

    internal static XmlError Tokenize(byte[] bytes, int piece = int.MaxValue)
    {
        var tokenizer = new XmlTokenizer(new Ignore());
        for (var at = 0; at < bytes.Length; at += Math.Min(piece, bytes.Length - at))
            tokenizer.Feed(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
        tokenizer.Complete();
        return tokenizer.Error;
    }

    private static string? Platform(byte[] bytes)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
        };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(bytes), settings);
            while (reader.Read())
            {
                for (var i = 0; i < reader.AttributeCount; i++)
                    reader.MoveToAttribute(i);
            }
            return null;
        }
        catch (XmlException e)
        {
            return e.Message;
        }
    }

    internal static IEnumerable<byte[]> Corpus()
    {
        foreach (var seed in Mutation.Seeds)
            yield return Fixture.Bytes(seed);
        yield return Fixture.Bytes(Fixture.Status);
        yield return Fixture.Bytes(Fixture.Document);
    }

    [TestCase(4_000)]
    [TestCase(200_000, Category = "Long", Explicit = true, Reason = "Long suite")]
    public void The_verdict_is_that_of_the_platform(int rounds)
    {
        var corpus = Corpus().ToArray();
        var random = new Random(20260615);
        var odd = new List<string>();
        for (var i = 0; i < rounds; i++)
        {
            var bytes = Mutation.Apply(corpus[i % corpus.Length], random);
            var ours = Tokenize(bytes);
            var theirs = Platform(bytes);
            if (ours.Kind == XmlErrorKind.None != theirs is null && !IsKnown(ours, bytes))
                odd.Add(
                    $"{ours.Kind} {ours.Detail} at {ours.Position.Offset} | {theirs ?? "good"} | {Around(bytes, ours.Position.Offset)}"
                );
        }
        Assert.That(odd, Is.Empty, string.Join("\n", odd.Take(20)));
    }

    private static string Around(byte[] bytes, long offset)
    {
        var from = (int)Math.Max(0, offset - 40);
        return System
            .Text.Encoding.UTF8.GetString(bytes, from, Math.Min(bytes.Length - from, 90))
            .Replace("\n", "\\n");
    }

    /// <summary>Where the tokenizer is stricter on purpose.</summary>
    private static bool IsKnown(XmlError ours, byte[] bytes) =>
        ours.Kind switch
        {
            // Only UTF-8 is read; the platform transcodes.
            XmlErrorKind.UnsupportedEncoding => true,
            // The platform takes any version text, e.g. "1.0-".
            XmlErrorKind.MisplacedDeclaration => ours.Detail == "version",
            XmlErrorKind.InvalidUtf8 => ours.Position.Offset < bytes.AsSpan().IndexOf("?>"u8)
                && bytes.AsSpan().StartsWith("<?xml"u8),
            // The platform overlooks a sequence that the end of the file cuts off.
            XmlErrorKind.TextOutsideRoot => ours.Position.Offset >= bytes.Length - 3
                && bytes[ours.Position.Offset] >= 0x80,
            _ => false,
        };

    [Test]
    public void The_verdict_does_not_depend_on_how_the_bytes_are_cut()
    {
        var corpus = Corpus().ToArray();
        var random = new Random(7);
        for (var i = 0; i < 1_500; i++)
        {
            var bytes =
                i < corpus.Length ? corpus[i] : Mutation.Apply(corpus[i % corpus.Length], random);
            var whole = Tokenize(bytes);
            foreach (var piece in (int[])[1, 2, 3, 7, 64])
            {
                var cut = Tokenize(bytes, piece);
                Assert.That(
                    cut.Kind == XmlErrorKind.None,
                    Is.EqualTo(whole.Kind == XmlErrorKind.None),
                    () =>
                        $"piece {piece}: {cut} but whole: {whole}\n{Around(bytes, whole.Position.Offset)}"
                );
                if (
                    cut.Kind == whole.Kind
                    && cut.Kind is XmlErrorKind.UnboundPrefix or XmlErrorKind.MismatchedEndTag
                )
                    Assert.That(cut.Position, Is.EqualTo(whole.Position));
            }
        }
    }
}
