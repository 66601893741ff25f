using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Axis.Signatures.Tests;

/// <summary>Packages signed by programs that are not ours verify here, and stop to do so when anything is changed.</summary>
internal sealed class IndependentSignerTests
{
    private const string More = "http://www.w3.org/2001/04/xmldsig-more#";
    private const string More2007 = "http://www.w3.org/2007/05/xmldsig-more#";
    private const string Sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    private const string Sha384 = "http://www.w3.org/2001/04/xmldsig-more#sha384";
    private const string Sha512 = "http://www.w3.org/2001/04/xmlenc#sha512";

    private static readonly string[] Canonicalizations =
    [
        DsigUris.Inclusive,
        DsigUris.InclusiveWithComments,
        DsigUris.Exclusive,
        DsigUris.ExclusiveWithComments,
    ];

    private static readonly RegisteredCertificate[] Registered =
    [
        new(Province.Agency.Certificate),
        new(Province.Elliptic.Certificate),
    ];

    /// <summary>Packages that differ in layout: the synthetic one, with CR LF, on one line, and with generated content.</summary>
    private static IEnumerable<string> Packages()
    {
        var synthetic = Province.Text(Samples.Synthetic);
        yield return synthetic;
        yield return synthetic.Replace("\n", "\r\n", StringComparison.Ordinal);
        yield return synthetic.Replace("\n", " ", StringComparison.Ordinal);
        yield return synthetic.Replace(
            "<edXML xmlns=",
            "<edXML xml:lang='vi' xmlns:z='urn:z' xmlns=",
            StringComparison.Ordinal
        );
        for (var seed = 0; seed < 6; seed++)
        {
            yield return synthetic.Replace(
                "<edXML:Empty/>",
                DocumentGenerator.GenerateElement(seed),
                StringComparison.Ordinal
            );
        }
    }

    private static string Template(
        string package,
        string canonicalization,
        string method,
        string digest,
        string prefix
    )
    {
        var p = prefix.Length > 0 ? prefix + ":" : "";
        var xmlns = prefix.Length > 0 ? $"xmlns:{prefix}" : "xmlns";
        var signature = $"""
            <{p}Signature {xmlns}="{DsigUris.Namespace}">
              <{p}SignedInfo><{p}CanonicalizationMethod Algorithm="{canonicalization}"/>
                <{p}SignatureMethod Algorithm="{method}"/>
                <{p}Reference URI=""><{p}Transforms><{p}Transform Algorithm="{DsigUris.EnvelopedSignature}"/><{p}Transform Algorithm="{canonicalization}"/></{p}Transforms>
                  <{p}DigestMethod Algorithm="{digest}"/><{p}DigestValue></{p}DigestValue></{p}Reference></{p}SignedInfo>
              <{p}SignatureValue></{p}SignatureValue>
              <{p}KeyInfo><{p}X509Data><{p}X509Certificate></{p}X509Certificate></{p}X509Data></{p}KeyInfo>
            </{p}Signature>
            """;
        return package.Replace(
            "</edXML:edXMLHeader>",
            signature + "</edXML:edXMLHeader>",
            StringComparison.Ordinal
        );
    }

    private static void MustVerifyUntilChanged(byte[] signed, string label)
    {
        var verdict = Province.Verify(signed, Registered);
        Assert.That(
            verdict.Kind,
            Is.EqualTo(SignatureVerdictKind.Valid),
            $"{label}: {verdict.Reason}"
        );
        var text = Province.Text(signed);
        string[] places =
        [
            "H01.02",
            "Nội vụ",
            "cid:1",
            "UEsDBBQ",
            "edXMLManifest version=\"1",
            "<DigestValue>",
            "<ds:DigestValue>",
            "SignatureValue>",
        ];
        foreach (var place in places)
        {
            var at = text.IndexOf(place, StringComparison.Ordinal) + place.Length;
            if (at < place.Length)
                continue;
            while (!char.IsAsciiLetterOrDigit(text[at]))
                at++;
            var changed = text[..at] + (text[at] == 'A' ? 'B' : 'A') + text[(at + 1)..];
            Assert.That(
                Province.Verify(Encoding.UTF8.GetBytes(changed), Registered).Kind,
                Is.EqualTo(SignatureVerdictKind.Broken).Or.EqualTo(SignatureVerdictKind.Malformed),
                $"{label}, changed after {place}"
            );
        }
    }

    [Test]
    public async Task Packages_signed_by_xmlsec1_verify(
        [ValueSource(nameof(Canonicalizations))] string canonicalization,
        [Values("", "ds")] string prefix
    )
    {
        foreach (var package in Packages())
        {
            var template = Template(package, canonicalization, DsigUris.RsaSha256, Sha256, prefix);
            var signed = await Tools.XmlSecSignAsync(
                Encoding.UTF8.GetBytes(template),
                Province.Agency
            );
            MustVerifyUntilChanged(signed, canonicalization);
        }
    }

    [TestCase(More + "rsa-sha384", Sha384)]
    [TestCase(More + "rsa-sha512", Sha512)]
    [TestCase(More + "rsa-sha512", Sha256)]
    [TestCase(More + "ecdsa-sha256", Sha256)]
    [TestCase(More + "ecdsa-sha512", Sha512)]
    public async Task Packages_signed_by_xmlsec1_verify_with_the_listed_algorithms(
        string method,
        string digest
    )
    {
        var signer = method.Contains("ecdsa", StringComparison.Ordinal)
            ? Province.Elliptic
            : Province.Agency;
        var template = Template(
            Province.Text(Samples.Synthetic),
            DsigUris.Inclusive,
            method,
            digest,
            ""
        );
        var signed = await Tools.XmlSecSignAsync(Encoding.UTF8.GetBytes(template), signer);
        MustVerifyUntilChanged(signed, method);
    }

    [Test]
    public async Task SHA1_is_accepted_only_until_the_date_of_the_exception()
    {
        var template = Template(
            Province.Text(Samples.Synthetic),
            DsigUris.Inclusive,
            DsigUris.Namespace + "rsa-sha1",
            DsigUris.Namespace + "sha1",
            ""
        );
        var signed = await Tools.XmlSecSignAsync(Encoding.UTF8.GetBytes(template), Province.Agency);
        var options = new VerificationOptions
        {
            Sha1Exceptions = [new Sha1Exception(Province.Now)],
        };
        Assert.Multiple(() =>
        {
            Assert.That(Province.Verify(signed).Kind, Is.EqualTo(SignatureVerdictKind.Unsupported));
            Assert.That(
                Province.Verify(signed, options: options).Kind,
                Is.EqualTo(SignatureVerdictKind.Unsupported)
            );
            var excepted = Province.Verify(
                signed,
                at: Province.Now.AddSeconds(-1),
                options: options
            );
            Assert.That(excepted.Kind, Is.EqualTo(SignatureVerdictKind.Valid));
            Assert.That(excepted.Reason, Does.Contain("SHA-1"));
            Assert.That(excepted.Sha1Excepted, Is.True);
        });
    }

    [Test]
    public async Task SHA1_is_accepted_only_of_those_whom_the_exception_names()
    {
        var template = Template(
            Province.Text(Samples.Synthetic),
            DsigUris.Inclusive,
            DsigUris.Namespace + "rsa-sha1",
            DsigUris.Sha256,
            ""
        );
        var signed = await Tools.XmlSecSignAsync(Encoding.UTF8.GetBytes(template), Province.Agency);
        SignatureVerdict Verify(IssuedCertificate excepted) =>
            Province.Verify(
                signed,
                options: new VerificationOptions
                {
                    Sha1Exceptions =
                    [
                        new Sha1Exception(
                            Province.Now.AddDays(1),
                            [
                                Convert.ToHexStringLower(
                                    excepted.Certificate.GetCertHash(HashAlgorithmName.SHA256)
                                ),
                            ]
                        ),
                    ],
                }
            );
        Assert.Multiple(() =>
        {
            Assert.That(Verify(Province.Agency).Kind, Is.EqualTo(SignatureVerdictKind.Valid));
            Assert.That(
                Verify(Province.OtherAgency).Kind,
                Is.EqualTo(SignatureVerdictKind.Unsupported)
            );
        });
    }

    [Test]
    public async Task Packages_signed_by_Java_verify()
    {
        using var folder = new TemporaryFolder();
        const string password = "only-for-this-run";
        var store = await folder.WriteAsync(
            "key.p12",
            Province.Agency.Certificate.Export(X509ContentType.Pkcs12, password)
        );
        (string Method, string Digest)[] algorithms =
        [
            (DsigUris.RsaSha256, Sha256),
            (More + "rsa-sha512", Sha512),
            (More2007 + "sha256-rsa-MGF1", Sha256),
            (More2007 + "sha512-rsa-MGF1", Sha384),
        ];
        var lines = new List<string>();
        var index = 0;
        foreach (var package in Packages())
        {
            var input = await folder.WriteAsync($"{index}.edxml", package);
            foreach (var canonicalization in Canonicalizations)
            {
                var (method, digest) = algorithms[index % algorithms.Length];
                var output = folder.PathOf($"signed{index++}.edxml");
                lines.Add(
                    string.Join(
                        '\t',
                        input,
                        output,
                        canonicalization,
                        method,
                        digest,
                        index % 3 == 0 ? "ds" : ""
                    )
                );
            }
        }
        var list = await folder.WriteAsync("list", string.Join('\n', lines));
        var program = Path.Combine(AppContext.BaseDirectory, "Signers", "SignPackages.java");
        var (exitCode, _, errors) = await Tools.RunAsync("java", program, store, password, list);
        Assert.That(exitCode, Is.Zero, errors);
        foreach (var line in lines)
            MustVerifyUntilChanged(await File.ReadAllBytesAsync(line.Split('\t')[1]), line);
    }

    /// <summary>xml-crypto knows no processing instructions, digests only the root element and mistakes carriage returns written as references, and lets SignedInfo inherit no xml: attributes. xmlsec1 rejects such packages, too; those here have none of it.</summary>
    [Test]
    public async Task Packages_signed_by_a_Node_package_verify()
    {
        using var folder = new TemporaryFolder();
        var key = await folder.WriteAsync("key.pem", Province.Agency.ExportPrivateKeyPem());
        var certificate = await folder.WriteAsync(
            "certificate.pem",
            Province.Agency.CertificatePem
        );
        var lines = new List<string>();
        foreach (var package in Packages().Take(3))
        {
            var start = package.IndexOf("<edXML ", StringComparison.Ordinal);
            var end = package.LastIndexOf("</edXML>", StringComparison.Ordinal) + "</edXML>".Length;
            var input = await folder.WriteAsync(
                $"{lines.Count}.edxml",
                Regex.Replace(package[start..end], "<[?].*?[?]>|&#13;", "", RegexOptions.Singleline)
            );
            foreach (var canonicalization in (string[])[DsigUris.Inclusive, DsigUris.Exclusive])
            {
                var output = folder.PathOf($"signed{lines.Count}.edxml");
                var (method, digest) =
                    lines.Count % 3 == 0
                        ? (More + "rsa-sha512", Sha512)
                        : (DsigUris.RsaSha256, Sha256);
                var prefix = lines.Count % 4 < 2 ? "" : "ds";
                lines.Add(
                    string.Join('\t', input, output, canonicalization, method, digest, prefix)
                );
            }
        }
        var list = await folder.WriteAsync("list", string.Join('\n', lines));
        var program = Path.Combine(AppContext.BaseDirectory, "Signers", "sign-packages.cjs");
        var (exitCode, _, errors) = await Tools.RunInAsync(
            Tools.NodeFolder(),
            "node",
            program,
            key,
            certificate,
            list
        );
        Assert.That(exitCode, Is.Zero, errors);
        foreach (var line in lines)
            MustVerifyUntilChanged(await File.ReadAllBytesAsync(line.Split('\t')[1]), line);
    }
}
