using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;
using Axis.EdXml.Xml;

namespace Axis.Signatures.Tests;

/// <summary>Measurements, run by name and in a release build: they print figures and assert only the generous bounds.</summary>
[Explicit("Takes gigabytes and minutes; run by name.")]
internal sealed class SpeedTests
{
    private static byte[] Package(int megabytes, string lineEnd)
    {
        var content = new byte[megabytes * 1024 * 1024 / 4 * 3];
        new Random(1).NextBytes(content);
        var base64 = Convert.ToBase64String(content);
        if (lineEnd.Length > 0)
            base64 = string.Join(lineEnd, base64.Chunk(76).Select(line => new string(line)));
        var text = Province.Text(Samples.Synthetic);
        var start = text.IndexOf("UEsDBB", StringComparison.Ordinal);
        var end = text.IndexOf("</edXML:ContentTransferEncoded>", StringComparison.Ordinal);
        return Province.Sign(Encoding.UTF8.GetBytes(text[..start] + base64 + text[end..]));
    }

    /// <summary>Processor time of this process, so that a busy machine disturbs less.</summary>
    private static TimeSpan Best(int times, Action action)
    {
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < times; i++)
        {
            var before = Environment.CpuUsage.TotalTime;
            action();
            var used = Environment.CpuUsage.TotalTime - before;
            best = used < best ? used : best;
        }
        return best;
    }

    [Test]
    public async Task The_parts_of_a_verification()
    {
        var package = Package(100, "");
        var copy = new byte[32 * 1024];
        var nothing = new NoSink();
        await TestContext.Out.WriteLineAsync(
            $"ours: hash {Best(5, () => SHA256.HashData(package)).TotalMilliseconds:F0} ms, "
                + $"copying {Best(5, () => Copy(package, copy)).TotalMilliseconds:F0} ms, "
                + $"tokens {Best(5, () => Tokenize(package, nothing)).TotalMilliseconds:F0} ms, "
                + $"tokens and canonical form {Best(5, () => Tokenize(package, new Canonicalizer(CanonicalForm.Inclusive, new NoOutput()))).TotalMilliseconds:F0} ms, "
                + $"all {Best(5, () => Province.Verify(package)).TotalMilliseconds:F0} ms"
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

    [Test]
    public async Task A_package_of_100_MB([Values("", "\n", "\r\n")] string lineEnd)
    {
        var package = Package(100, lineEnd);
        var hash = Best(5, () => SHA256.HashData(package));
        Assert.That(Province.Verify(package).Kind, Is.EqualTo(SignatureVerdictKind.Valid));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Province.Verify(package);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        // Long enough for the runtime to compile the hot loops for good.
        var ours = Best(25, () => Province.Verify(package));
        var xmlsec = TimeSpan.MaxValue;
        using (var folder = new TemporaryFolder())
        {
            var file = await folder.WriteAsync("package.edxml", package);
            var certificate = await folder.WriteAsync("c.pem", Province.Agency.CertificatePem);
            for (var i = 0; i < 2; i++)
            {
                var watch = Stopwatch.StartNew();
                var (exitCode, _, errors) = await Tools.RunAsync(
                    "xmlsec1",
                    "--verify",
                    "--enabled-key-data",
                    "rsa,x509",
                    "--pubkey-cert-pem",
                    certificate,
                    file
                );
                Assert.That(exitCode, Is.Zero, errors);
                xmlsec = watch.Elapsed < xmlsec ? watch.Elapsed : xmlsec;
            }
        }
        await TestContext.Out.WriteLineAsync(
            $"bytes {package.Length}, SHA-256 {hash.TotalMilliseconds:F0} ms, ours {ours.TotalMilliseconds:F0} ms ({ours / hash:F2}x), xmlsec1 {xmlsec.TotalMilliseconds:F0} ms ({xmlsec / ours:F1}x ours), allocated {allocated / 1024} KiB"
        );
        var signedXml = Best(1, () => SignedXmlVerifies(package));
        await TestContext.Out.WriteLineAsync(
            $"SignedXml {signedXml.TotalMilliseconds:F0} ms ({signedXml / ours:F1}x ours)"
        );
    }

    private static void SignedXmlVerifies(byte[] package)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        using (var stream = new MemoryStream(package))
            document.Load(stream);
        var element = (XmlElement)
            document.GetElementsByTagName("Signature", DsigUris.Namespace)[0]!;
        var signed = new SignedXml((XmlElement)element.ParentNode!);
        signed.LoadXml(element);
        using var key = Province.Agency.Certificate.GetRSAPublicKey()!;
        signed.CheckSignature(key);
    }

    [Test]
    public async Task A_package_of_20_KB()
    {
        var text = Province.Text(Samples.Synthetic);
        var base64 = Convert.ToBase64String(new byte[12_500]);
        var package = Province.Sign(
            Encoding.UTF8.GetBytes(
                text.Replace("UEsDBBQACAgIAEuSPE0AAAAA", base64, StringComparison.Ordinal)
            )
        );
        const int count = 5_000;
        Best(1, () => Repeat(package, count));
        var ours = Best(3, () => Repeat(package, count)) / count;
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Province.Verify(package);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        using var key = Province.Agency.Certificate.GetRSAPublicKey()!;
        var hash = new byte[32];
        var signature = new byte[256];
        var rsa = Best(3, () => RepeatRsa(key, hash, signature, count)) / count;
        var keys = Best(3, () => RepeatKey(count)) / count;
        await TestContext.Out.WriteLineAsync(
            $"bytes {package.Length}, ours {ours.TotalMicroseconds:F1} us of which RSA {rsa.TotalMicroseconds:F1} us, key from certificate {keys.TotalMicroseconds:F1} us; allocated {allocated} bytes"
        );
    }

    private static void Repeat(byte[] package, int count)
    {
        for (var i = 0; i < count; i++)
            Province.Verify(package);
    }

    private static void RepeatRsa(RSA key, byte[] hash, byte[] signature, int count)
    {
        for (var i = 0; i < count; i++)
            key.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static void RepeatKey(int count)
    {
        for (var i = 0; i < count; i++)
            Province.Agency.Certificate.GetRSAPublicKey()!.Dispose();
    }
}
