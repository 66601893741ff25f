using System.Text;

namespace Axis.Signatures.Tests;

internal sealed class EnvelopeSignerTests
{
    private static readonly SigningOptions Exclusive = new()
    {
        ReplaceExisting = true,
        ExclusiveCanonicalization = true,
    };

    [TestCaseSource(typeof(Samples), nameof(Samples.Documents))]
    public void A_real_package_signed_anew_verifies(string name)
    {
        var package = Samples.Read(name);
        Assert.Multiple(() =>
        {
            Assert.That(
                Province.Verify(Province.Sign(package)).Kind,
                Is.EqualTo(SignatureVerdictKind.Valid)
            );
            Assert.That(
                Province.Verify(Province.Sign(package, Exclusive)).Kind,
                Is.EqualTo(SignatureVerdictKind.Valid)
            );
        });
    }

    [Test]
    public void The_synthetic_package_verifies_in_both_canonicalisations()
    {
        Assert.That(
            Province.Verify(Province.Sign(Samples.Synthetic)).Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );
        Assert.That(
            Province.Verify(Province.Sign(Samples.Synthetic, Exclusive)).Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );
    }

    [Test]
    public void Nothing_but_the_signature_is_added()
    {
        var signed = Province.Text(Province.Sign(Samples.Synthetic));
        var start = signed.IndexOf("<Signature xmlns", StringComparison.Ordinal);
        var end = signed.IndexOf("</Signature>", StringComparison.Ordinal) + "</Signature>".Length;
        Assert.That(
            signed.Remove(start, end - start),
            Is.EqualTo(Province.Text(Samples.Synthetic))
        );
        Assert.That(signed[end..], Does.StartWith("</edXML:edXMLHeader>"));
    }

    [Test]
    public void The_signature_becomes_the_last_child_of_the_header_even_after_tricks_in_comments_and_attributes()
    {
        var package = Encoding.UTF8.GetBytes(
            """<edXML a="/edXMLHeader>"><!-- <edXMLEnvelope><edXMLHeader></edXMLHeader> --><edXMLEnvelope b='>'><edXMLHeader><x/><![CDATA[</edXMLHeader>]]></edXMLHeader ><edXMLHeader/></edXMLEnvelope></edXML>"""
        );
        var signed = Province.Text(Province.Sign(package));
        Assert.That(
            signed,
            Does.Contain("]]><Signature xmlns").And.Contain("</Signature></edXMLHeader >")
        );
        Assert.That(Province.Verify(signed).Kind, Is.EqualTo(SignatureVerdictKind.Valid));
    }

    [Test]
    public void A_signed_package_is_refused_unless_the_signature_may_be_replaced()
    {
        var signed = Province.Sign(Samples.Synthetic);
        Assert.That(
            () => Province.Sign(signed, SigningOptions.Default),
            Throws.TypeOf<SigningException>().With.Message.Contains("already")
        );
        Assert.That(Province.Sign(signed), Is.EqualTo(signed), "RSA PKCS#1 v1.5 is deterministic");
    }

    [TestCase("documents/vnpt-new.edxml")]
    [TestCase("documents/vnpt-new-small.edxml")]
    public void A_placeholder_signature_is_cut_out_exactly(string name)
    {
        var package = Province.Text(Samples.Read(name));
        var start = package.IndexOf("<Signature>", StringComparison.Ordinal);
        var end = package.IndexOf("</Signature>", StringComparison.Ordinal) + "</Signature>".Length;
        var without = package.Remove(start, end - start);
        var signed = Province.Sign(Encoding.UTF8.GetBytes(package));
        Assert.That(signed, Is.EqualTo(Province.Sign(Encoding.UTF8.GetBytes(without))));
    }

    [TestCase("<edXML><edXMLEnvelope/></edXML>", "edXMLHeader")]
    [TestCase("<edXML><edXMLEnvelope><edXMLHeader/></edXMLEnvelope></edXML>", "edXMLHeader")]
    [TestCase("<edXML>", "well-formed")]
    [TestCase("<!DOCTYPE edXML><edXML/>", "DTD")]
    [TestCase(
        "<edXML><Signature/><edXMLEnvelope><edXMLHeader></edXMLHeader></edXMLEnvelope></edXML>",
        "outside its place"
    )]
    public void What_is_no_package_is_refused_in_words(string package, string expected) =>
        Assert.That(
            () => Province.Sign(Encoding.UTF8.GetBytes(package)),
            Throws.TypeOf<SigningException>().With.Message.Contains(expected)
        );

    [Test]
    public void Another_encoding_than_utf8_is_refused() =>
        Assert.That(
            () => Province.Sign([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("<edXML/>")]),
            Throws.TypeOf<SigningException>()
        );
}
