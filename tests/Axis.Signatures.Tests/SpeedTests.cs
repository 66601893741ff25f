using System.Security.Cryptography;
using System.Text;
using Axis.EdXml.Xml;

namespace Axis.Signatures.Tests;

/// <summary>Where the time of a verification goes; ./axis bench verify measures the whole. Prints figures and asserts nothing.</summary>
[Explicit("Takes gigabytes; run by name.")]
internal sealed class SpeedTests
{
    private static byte[] Package(int megabytes)
    {
        var content = new byte[megabytes * 1024 * 1024 / 4 * 3];
        new Random(1).NextBytes(content);
        var text = Province.Text(Samples.Synthetic);
        var start = text.IndexOf("UEsDBB", StringComparison.Ordinal);
        var end = text.IndexOf("</edXML:ContentTransferEncoded>", StringComparison.Ordinal);
        return Province.Sign(
            Encoding.UTF8.GetBytes(text[..start] + Convert.ToBase64String(content) + text[end..])
        );
    }

    /// <summary>Processor time of this process, so that a busy machine disturbs less.</summary>
    private static double Best(int times, Action action)
    {
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < times; i++)
        {
            var before = Environment.CpuUsage.TotalTime;
            action();
            var used = Environment.CpuUsage.TotalTime - before;
            best = used < best ? used : best;
        }
        return best.TotalMilliseconds;
    }

    [Test]
    public async Task The_parts_of_a_verification()
    {
        var package = Package(100);
        var copy = new byte[32 * 1024];
        var nothing = new NoSink();
        await TestContext.Out.WriteLineAsync(
            $"hash {Best(5, () => SHA256.HashData(package)):F0} ms, "
                + $"copying {Best(5, () => Copy(package, copy)):F0} ms, "
                + $"tokens {Best(5, () => Tokenize(package, nothing)):F0} ms, "
                + $"tokens and canonical form {Best(5, () => Tokenize(package, new Canonicalizer(CanonicalForm.Inclusive, new NoOutput()))):F0} ms, "
                + $"all {Best(5, () => Province.Verify(package)):F0} ms"
        );
    }

    private static void Copy(byte[] package, byte[] piece)
    {
        for (var at = 0; at < package.Length; at += piece.Length)
            package.AsSpan(at, Math.Min(piece.Length, package.Length - at)).CopyTo(piece);
    }

    private static void Tokenize(byte[] package, IXmlSink sink)
    {
        var tokenizer = new XmlTokenizer(sink);
        for (var at = 0; at < package.Length; at += 32 * 1024)
            tokenizer.Feed(package.AsSpan(at, Math.Min(32 * 1024, package.Length - at)));
        tokenizer.Complete();
    }

    private sealed class NoOutput : CanonicalOutput
    {
        protected override void Take(ReadOnlySpan<byte> bytes) { }
    }

    private sealed class NoSink : IXmlSink
    {
        public void StartElement(in XmlStartTag tag) { }

        public void EndElement(in XmlEndTag tag) { }

        public void Text(ReadOnlySpan<byte> raw) { }

        public void CData(ReadOnlySpan<byte> raw, bool last) { }

        public void Comment(ReadOnlySpan<byte> raw, bool last) { }

        public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data) { }
    }
}
