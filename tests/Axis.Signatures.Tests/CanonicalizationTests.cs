using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using Axis.EdXml.Xml;

namespace Axis.Signatures.Tests;

/// <summary>Our canonical bytes against those of the platform's transforms and of xmlsec1's library.</summary>
internal sealed class CanonicalizationTests
{
    private static readonly CanonicalForm[] Forms =
    [
        new(Exclusive: false, WithComments: false, []),
        new(Exclusive: false, WithComments: true, []),
        new(Exclusive: true, WithComments: false, []),
        new(Exclusive: true, WithComments: true, []),
        new(Exclusive: true, WithComments: false, ["a", ""]),
    ];

    internal static byte[] Ours(byte[] document, CanonicalForm form, int piece = int.MaxValue)
    {
        var output = new BufferOutput();
        var tokenizer = new XmlTokenizer(new Canonicalizer(form, output));
        for (var at = 0; at < document.Length; )
        {
            var length = Math.Min(piece, document.Length - at);
            tokenizer.Feed(document.AsSpan(at, length));
            at += length;
        }
        tokenizer.Complete();
        Assert.That(
            tokenizer.Error.Kind,
            Is.EqualTo(XmlErrorKind.None),
            Encoding.UTF8.GetString(document)
        );
        return output.ToArray();
    }

    [Test]
    public void Thousands_of_generated_documents_have_the_platforms_canonical_form(
        [Range(0, 9)] int batch
    )
    {
        for (var seed = batch * 300; seed < (batch + 1) * 300; seed++)
        {
            var document = DocumentGenerator.Generate(seed);
            foreach (var form in Forms)
            {
                var expected = Encoding.UTF8.GetString(
                    new PlatformCanonical(document).Document(form)
                );
                var actual = Encoding.UTF8.GetString(Ours(document, form));
                Assert.That(
                    actual,
                    Is.EqualTo(expected),
                    $"seed {seed}, {form}:\n{Encoding.UTF8.GetString(document)}"
                );
            }
        }
    }

    /// <summary>libxml2 is the library under xmlsec1 and xmllint.</summary>
    [Test]
    public async Task Thousands_of_generated_documents_have_the_canonical_form_of_libxml2(
        [Values] bool exclusive,
        [Range(0, 3)] int batch
    )
    {
        var documents = Enumerable
            .Range(10_000 + batch * 250, 250)
            .Select(seed => DocumentGenerator.Generate(seed, plain: true))
            .ToArray();
        var form = new CanonicalForm(exclusive, WithComments: true, []);
        var expected = await LibXmlAsync(documents, exclusive);
        for (var i = 0; i < documents.Length; i++)
        {
            Assert.That(
                Encoding.UTF8.GetString(Ours(documents[i], form)),
                Is.EqualTo(expected[i]),
                Encoding.UTF8.GetString(documents[i])
            );
        }
    }

    [Test]
    public async Task Mutations_that_are_still_documents_have_the_canonical_form_of_libxml2(
        [Values] bool exclusive
    )
    {
        var random = new Random(exclusive ? 21 : 22);
        var documents = Enumerable
            .Range(0, 1_500)
            .Select(_ =>
                Mutate(DocumentGenerator.Generate(random.Next(3_000), plain: true), random)
            )
            .Where(document => !LibXmlErrs(Encoding.UTF8.GetString(document)))
            .ToArray();
        var form = new CanonicalForm(exclusive, WithComments: true, []);
        var expected = await LibXmlAsync(documents, exclusive);
        var compared = 0;
        for (var i = 0; i < documents.Length; i++)
        {
            if (expected[i].Length == 0 || TryOurs(documents[i], form) is not { } actual)
                continue;
            compared++;
            Assert.That(
                Encoding.UTF8.GetString(actual),
                Is.EqualTo(expected[i]),
                Encoding.UTF8.GetString(documents[i])
            );
        }
        Assert.That(compared, Is.GreaterThan(150));
    }

    /// <summary>What libxml2 canonicalises wrongly: references in namespace names stay unescaped.</summary>
    private static bool LibXmlErrs(string document) =>
        Regex.IsMatch(
            document,
            "xmlns[^=]*=\\s*(?:\"[^\"]*&|'[^']*&)",
            RegexOptions.NonBacktracking
        );

    /// <summary>Canonical forms by xmllint, many in one process; empty where it refuses the document.</summary>
    private static async Task<IReadOnlyList<string>> LibXmlAsync(
        IReadOnlyList<byte[]> documents,
        bool exclusive
    )
    {
        const string boundary = "<axis-boundary></axis-boundary>";
        using var folder = new TemporaryFolder();
        var between = await folder.WriteAsync("between.xml", boundary);
        var results = new List<string>();
        foreach (var chunk in documents.Chunk(250))
        {
            var arguments = new List<string> { "--nonet", exclusive ? "--exc-c14n" : "--c14n" };
            for (var i = 0; i < chunk.Length; i++)
                arguments.AddRange([await folder.WriteAsync($"{i}.xml", chunk[i]), between]);
            var (_, output, errors) = await Tools.RunAsync("xmllint", [.. arguments]);
            var parts = output.Split(boundary);
            Assert.That(parts, Has.Length.EqualTo(chunk.Length + 1), errors);
            results.AddRange(parts[..^1]);
        }
        return results;
    }

    /// <summary>Damaged documents that both parsers still accept must have the same canonical form, too.</summary>
    [Test]
    public void Mutations_that_are_still_documents_have_the_platforms_canonical_form(
        [Range(0, 3)] int batch
    )
    {
        var random = new Random(batch);
        var compared = 0;
        for (var i = 0; i < 4_000; i++)
        {
            var document = Mutate(DocumentGenerator.Generate(random.Next(3_000)), random);
            var form = Forms[i % Forms.Length];
            if (
                Platform(document, form) is not { } expected
                || TryOurs(document, form) is not { } actual
            )
                continue;
            compared++;
            Assert.That(
                Encoding.UTF8.GetString(actual),
                Is.EqualTo(Encoding.UTF8.GetString(expected)),
                $"{form}:\n{Encoding.UTF8.GetString(document)}"
            );
        }
        Assert.That(compared, Is.GreaterThan(500));
    }

    private static ReadOnlySpan<byte> Troublesome => "\r\n\t <>&;'\"ax:]-?/="u8;

    private static byte[] Mutate(byte[] document, Random random)
    {
        var bytes = document.ToList();
        for (var n = random.Next(1, 3); n > 0 && bytes.Count > 1; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes.RemoveAt(at);
                    break;
                case 1:
                    bytes.Insert(at, Troublesome[random.Next(Troublesome.Length)]);
                    break;
                case 2:
                    bytes[at] = Troublesome[random.Next(Troublesome.Length)];
                    break;
                default:
                    var length = Math.Min(random.Next(30), bytes.Count - at);
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
            }
        }
        return [.. bytes];
    }

    private static byte[]? Platform(byte[] document, CanonicalForm form)
    {
        try
        {
            return new PlatformCanonical(document).Document(form);
        }
        catch (Exception e) when (e is XmlException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[]? TryOurs(byte[] document, CanonicalForm form)
    {
        var output = new BufferOutput();
        var tokenizer = new XmlTokenizer(new Canonicalizer(form, output));
        tokenizer.Feed(document);
        tokenizer.Complete();
        return tokenizer.Failed ? null : output.ToArray();
    }

    [Test]
    public void The_size_of_pieces_does_not_matter([Values(1, 2, 3, 7, 16, 61)] int piece)
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var document = DocumentGenerator.Generate(seed);
            foreach (var form in Forms)
            {
                Assert.That(
                    Encoding.UTF8.GetString(Ours(document, form, piece)),
                    Is.EqualTo(Encoding.UTF8.GetString(Ours(document, form))),
                    $"seed {seed}, {form}"
                );
            }
        }
    }

    [Test]
    public void Canonical_form_is_its_own_canonical_form()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            foreach (var form in Forms)
            {
                var once = Ours(DocumentGenerator.Generate(seed), form);
                Assert.That(Ours(once, form), Is.EqualTo(once), $"seed {seed}, {form}");
            }
        }
    }

    [TestCaseSource(typeof(Samples), nameof(Samples.Documents))]
    public void Real_packages_have_the_platforms_canonical_form(string name)
    {
        var package = Samples.Read(name);
        foreach (var form in Forms)
            Assert.That(
                Ours(package, form),
                Is.EqualTo(new PlatformCanonical(package).Document(form))
            );
    }

    /// <summary>Canonical XML 1.0, section 3: the examples, as far as they do without a DTD.</summary>
    [TestCase(
        "<doc>\n   <e1   />\n   <e2   ></e2>\n   <e3   name = \"elem3\"   id=\"elem3\"   />\n   <e5 a:attr=\"out\" b:attr=\"sorted\" attr2=\"all\" attr=\"I'm\"\n      xmlns:b=\"http://www.ietf.org\"\n      xmlns:a=\"http://www.w3.org\"\n      xmlns=\"http://example.org\"/>\n   <e6 xmlns=\"\" xmlns:a=\"http://www.w3.org\"><e7 xmlns=\"http://www.ietf.org\"><e8 xmlns=\"\" xmlns:a=\"http://www.w3.org\"/></e7></e6></doc>",
        "<doc>\n   <e1></e1>\n   <e2></e2>\n   <e3 id=\"elem3\" name=\"elem3\"></e3>\n   <e5 xmlns=\"http://example.org\" xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\" b:attr=\"sorted\" a:attr=\"out\"></e5>\n   <e6 xmlns:a=\"http://www.w3.org\"><e7 xmlns=\"http://www.ietf.org\"><e8 xmlns=\"\"></e8></e7></e6></doc>",
        TestName = "Start and end tags (3.3)"
    )]
    [TestCase(
        "<doc><text>First line&#x0d;&#10;Second line</text><value>&#x32;</value><compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute><norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/></doc>",
        "<doc><text>First line&#xD;\nSecond line</text><value>2</value><compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute><norm attr=\" '    &#xD;&#xA;&#x9;   ' \"></norm></doc>",
        TestName = "Character modifications and references (3.4)"
    )]
    [TestCase(
        "<?xml version=\"1.0\"?>\n\n<?a b?>\n\n<doc>x</doc>\n\n<?c?>\n\n<!-- y -->",
        "<?a b?>\n<doc>x</doc>\n<?c?>"
    )]
    public void The_examples_of_the_recommendation_hold(string document, string expected) =>
        Assert.That(
            Encoding.UTF8.GetString(Ours(Encoding.UTF8.GetBytes(document), Forms[0])),
            Is.EqualTo(expected)
        );
}
