using System.Text;
using Axis.EdXml;
using Axis.EdXml.Xml;

namespace Axis.Signatures.Tests;

/// <summary>The sink in the same pass as the reader, pieces of any size, and large headers.</summary>
internal sealed class OnePassTests
{
    private static SignatureVerdict Feed(
        byte[] package,
        int piece,
        VerificationOptions? options = null
    )
    {
        using var sink = new EnvelopeSignatureSink(options);
        var tokenizer = new XmlTokenizer(sink);
        for (var at = 0; at < package.Length; at += piece)
            tokenizer.Feed(package.AsSpan(at, Math.Min(piece, package.Length - at)));
        tokenizer.Complete();
        Assert.That(tokenizer.Failed, Is.False);
        return sink.Verdict(Province.Registered, Province.Now);
    }

    [Test]
    public void The_size_of_pieces_does_not_matter([Values(1, 2, 5, 64, 1000)] int piece)
    {
        var crlf = Province.Text(Samples.Synthetic).Replace("\n", "\r\n", StringComparison.Ordinal);
        Assert.That(
            Feed(Province.Sign(Samples.Synthetic), piece).Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );
        Assert.That(
            Feed(Province.Sign(Encoding.UTF8.GetBytes(crlf)), piece).Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );
    }

    [Test]
    public void The_verdict_comes_from_the_same_pass_as_the_reading()
    {
        var package = Province.Sign(Samples.Synthetic);
        using var sink = new EnvelopeSignatureSink();
        using var reader = new PackageReader(ReadLimits.Default, sink);
        reader.Feed(package);
        reader.Complete();
        Assert.That(
            sink.Verdict(Province.Registered, Province.Now),
            Is.EqualTo(Province.Verify(package))
                .And.Property("Kind")
                .EqualTo(SignatureVerdictKind.Valid)
        );
    }

    [Test]
    public void Several_sets_of_certificates_may_be_asked()
    {
        using var sink = new EnvelopeSignatureSink();
        var tokenizer = new XmlTokenizer(sink);
        tokenizer.Feed(Province.Sign(Samples.Synthetic));
        tokenizer.Complete();
        Assert.Multiple(() =>
        {
            Assert.That(
                sink.Verdict([], Province.Now).Kind,
                Is.EqualTo(SignatureVerdictKind.Untrusted)
            );
            Assert.That(
                sink.Verdict(Province.Registered, Province.Now).Kind,
                Is.EqualTo(SignatureVerdictKind.Valid)
            );
        });
    }

    [Test]
    public void A_header_beyond_the_limit_verifies_with_the_usual_algorithms_only(
        [Values(1, 7, 4096)] int piece
    )
    {
        var large = Province
            .Text(Samples.Synthetic)
            .Replace(
                "<edXML:Empty/>",
                "<edXML:Empty><!-- a - b --><![CDATA[<x>\r\n]]]]>"
                    + string.Concat(Enumerable.Repeat("<x>V/v họp\r\n</x><!---a-b-->", 200))
                    + "</edXML:Empty>",
                StringComparison.Ordinal
            );
        var package = Encoding.UTF8.GetBytes(large);
        for (var limit = 1; limit < 3_000; limit += 97)
        {
            var options = new VerificationOptions { MaxHeaderBytes = limit };
            Assert.That(
                Feed(Province.Sign(package), piece, options).Kind,
                Is.EqualTo(SignatureVerdictKind.Valid),
                $"limit {limit}"
            );
        }
        var exclusive = Province.Sign(
            package,
            new SigningOptions { ExclusiveCanonicalization = true }
        );
        Assert.Multiple(() =>
        {
            Assert.That(Feed(exclusive, piece).Kind, Is.EqualTo(SignatureVerdictKind.Valid));
            var verdict = Feed(
                exclusive,
                piece,
                new VerificationOptions { MaxHeaderBytes = 1_000 }
            );
            Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Unsupported));
            Assert.That(verdict.Reason, Does.Contain("1000 bytes"));
        });
    }

    /// <summary>Comments are not signed, so they must not change what is read.</summary>
    [Test]
    public void Comment_injection_changes_neither_verdict_nor_reading()
    {
        var signed = Province.Text(Province.Sign(Samples.Synthetic));
        var injected = signed.Replace("H01.02<", "H01<!-- x -->.02<", StringComparison.Ordinal);
        Assert.That(injected, Is.Not.EqualTo(signed));
        Assert.That(Province.Verify(injected).Kind, Is.EqualTo(SignatureVerdictKind.Valid));
        var before = PackageReader.Read(Encoding.UTF8.GetBytes(signed), ReadLimits.Default);
        var after = PackageReader.Read(Encoding.UTF8.GetBytes(injected), ReadLimits.Default);
        Assert.That(
            after.Document?.To.Select(to => to.Code),
            Is.EqualTo(before.Document?.To.Select(to => to.Code))
        );
        Assert.That(before.Document?.To, Is.Not.Empty);
    }

    [Test]
    public void Random_damage_never_throws_and_never_verifies_what_reads_otherwise()
    {
        var package = Province.Sign(Samples.Synthetic);
        var canonical = CanonicalizationTests.Ours(package, CanonicalForm.Inclusive);
        var random = new Random(4);
        for (var i = 0; i < 20_000; i++)
        {
            var damaged = package.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            if (!Province.Verify(damaged).IsValid)
                continue;
            Assert.That(
                CanonicalizationTests.Ours(damaged, CanonicalForm.Inclusive),
                Is.EqualTo(canonical),
                "a package verified although its content differs"
            );
        }
    }
}
