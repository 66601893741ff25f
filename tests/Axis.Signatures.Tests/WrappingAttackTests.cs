using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Axis.Signatures.Tests;

/// <summary>Attacks that move, double or hollow out a good signature. Each must end in another verdict than valid.</summary>
internal sealed partial class WrappingAttackTests
{
    private static readonly string Signed = Province.Text(Province.Sign(Samples.Synthetic));
    private static readonly string Signature = SignatureElement().Match(Signed).Value;
    private static readonly string Unsigned = Signed.Replace(
        Signature,
        "",
        StringComparison.Ordinal
    );

    [GeneratedRegex("<Signature xmlns.*?</Signature>")]
    private static partial Regex SignatureElement();

    private static void Refused(string package, SignatureVerdictKind kind, string reason)
    {
        Assert.That(package, Is.Not.EqualTo(Signed), "the attack changed nothing");
        var verdict = Province.Verify(package);
        Assert.That(verdict.Kind, Is.EqualTo(kind), verdict.Reason);
        Assert.That(verdict.Reason, Does.Contain(reason));
        Assert.That(verdict.ReasonVi, Is.Not.Empty.And.Not.EqualTo(verdict.Reason));
    }

    private static string Replace(string from, string to) =>
        Signed.Replace(from, to, StringComparison.Ordinal);

    [Test]
    public void A_second_signature_beside_the_first_is_refused() =>
        Refused(
            Replace(Signature, Signature + Signature),
            SignatureVerdictKind.Malformed,
            "more than one"
        );

    [Test]
    public void A_second_signature_elsewhere_is_refused() =>
        Refused(Replace("<edXML:Empty/>", Signature), SignatureVerdictKind.Malformed, "stands at");

    [Test]
    public void A_second_signature_in_another_namespace_is_refused() =>
        Refused(
            Replace(Signature, Signature + "<edXML:Signature/>"),
            SignatureVerdictKind.Malformed,
            "more than one"
        );

    [Test]
    public void A_signature_moved_to_the_body_is_refused() =>
        Refused(
            Unsigned.Replace(
                "</edXML:edXMLBody>",
                Signature + "</edXML:edXMLBody>",
                StringComparison.Ordinal
            ),
            SignatureVerdictKind.Malformed,
            "edXML/edXMLEnvelope/edXMLBody/Signature"
        );

    [Test]
    public void A_signature_moved_to_the_end_of_the_document_is_refused() =>
        Refused(
            Unsigned.Replace("</edXML>", Signature + "</edXML>", StringComparison.Ordinal),
            SignatureVerdictKind.Malformed,
            "edXML/Signature"
        );

    [Test]
    public void A_signed_package_wrapped_in_a_forged_one_is_refused()
    {
        var inner = Signed[
            Signed.IndexOf("<edXML ", StringComparison.Ordinal)..Signed.LastIndexOf('<')
        ];
        var forged = Unsigned
            .Replace("Sở Nội vụ", "Kẻ giả mạo", StringComparison.Ordinal)
            .Replace(
                "</edXML:edXMLBody>",
                $"<wrapper>{inner}</wrapper></edXML:edXMLBody>",
                StringComparison.Ordinal
            );
        Refused(forged, SignatureVerdictKind.Malformed, "stands at");
    }

    [Test]
    public void A_forged_header_before_the_signed_one_is_refused() =>
        Refused(
            Replace(
                "<edXML:edXMLHeader>",
                "<edXML:edXMLHeader><edXML:MessageHeader/></edXML:edXMLHeader><edXML:edXMLHeader>"
            ),
            SignatureVerdictKind.Malformed,
            "in the first edXMLHeader"
        );

    [Test]
    public void The_signed_content_hidden_in_an_Object_is_refused() =>
        Refused(
            Replace("</Signature>", "<Object><edXML:MessageHeader/></Object></Signature>"),
            SignatureVerdictKind.Unsupported,
            "Object"
        );

    [Test]
    public void Content_hidden_in_KeyInfo_does_not_pass_as_a_header() =>
        Refused(
            Replace("<KeyInfo>", "<KeyInfo><edXML:MessageHeader/>"),
            SignatureVerdictKind.Malformed,
            "MessageHeader"
        );

    [Test]
    public void A_reference_to_an_id_is_refused() =>
        Refused(
            Replace("URI=\"\"", "URI=\"#header\""),
            SignatureVerdictKind.Unsupported,
            "#header"
        );

    [Test]
    public void A_reference_to_a_file_is_refused() =>
        Refused(
            Replace("URI=\"\"", "URI=\"file:///etc/hostname\""),
            SignatureVerdictKind.Unsupported,
            "file:"
        );

    [Test]
    public void A_reference_to_the_network_is_refused() =>
        Refused(
            Replace("URI=\"\"", "URI=\"http://localhost/x\""),
            SignatureVerdictKind.Unsupported,
            "http:"
        );

    [Test]
    public void A_reference_by_xpointer_is_refused() =>
        Refused(
            Replace("URI=\"\"", "URI=\"#xpointer(/)\""),
            SignatureVerdictKind.Unsupported,
            "xpointer"
        );

    [Test]
    public void A_reference_without_URI_is_refused() =>
        Refused(Replace(" URI=\"\"", ""), SignatureVerdictKind.Malformed, "no URI");

    [Test]
    public void An_empty_list_of_references_is_refused() =>
        Refused(
            Regex.Replace(Signed, "<Reference.*</Reference>", ""),
            SignatureVerdictKind.Malformed,
            "no Reference"
        );

    [Test]
    public void A_second_reference_is_refused() =>
        Refused(
            Replace("</SignedInfo>", "<Reference URI=\"\"/></SignedInfo>"),
            SignatureVerdictKind.Unsupported,
            "more than one Reference"
        );

    [TestCase(
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        TestName = "A transform by XPath is refused"
    )]
    [TestCase(
        "http://www.w3.org/2002/06/xmldsig-filter2",
        TestName = "A transform by XPath filter 2 is refused"
    )]
    [TestCase(
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        TestName = "A transform by XSLT is refused"
    )]
    [TestCase(
        "http://www.w3.org/2000/09/xmldsig#base64",
        TestName = "A transform by base64 is refused"
    )]
    [TestCase(
        "http://www.w3.org/2002/07/decrypt#XML",
        TestName = "A transform by decryption is refused"
    )]
    [TestCase(
        "http://www.w3.org/TR/xml-exc-c14n#",
        TestName = "The transform that does not exist is named"
    )]
    public void A_foreign_transform_is_refused(string transform) =>
        Refused(
            Replace(
                "<Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>",
                $"<Transform Algorithm=\"{transform}\"/>"
            ),
            SignatureVerdictKind.Unsupported,
            transform
        );

    [Test]
    public void Transforms_in_the_wrong_order_are_refused()
    {
        var transforms = Regex.Match(
            Signed,
            "<Transforms>(<Transform [^>]*>)(<Transform [^>]*>)</Transforms>"
        );
        Refused(
            Replace(
                transforms.Value,
                $"<Transforms>{transforms.Groups[2].Value}{transforms.Groups[1].Value}</Transforms>"
            ),
            SignatureVerdictKind.Unsupported,
            "enveloped-signature, then"
        );
    }

    [Test]
    public void A_missing_enveloped_transform_is_refused() =>
        Refused(
            Replace(
                "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>",
                ""
            ),
            SignatureVerdictKind.Unsupported,
            "enveloped-signature, then"
        );

    [TestCase("http://www.w3.org/2000/09/xmldsig#hmac-sha1")]
    [TestCase("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")]
    [TestCase("http://www.w3.org/2000/09/xmldsig#dsa-sha1")]
    [TestCase("http://www.w3.org/2001/04/xmldsig-more#rsa-md5")]
    public void Another_signature_algorithm_is_refused(string algorithm) =>
        Refused(
            Replace("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", algorithm),
            SignatureVerdictKind.Unsupported,
            algorithm
        );

    /// <summary>HMAC confusion: the public key, known to all, serves as the secret, and the value is right for it.</summary>
    [Test]
    public void A_right_HMAC_with_the_public_key_as_secret_is_refused()
    {
        const string hmac = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
        var forged = Replace("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", hmac);
        var signedInfo = new PlatformCanonical(Encoding.UTF8.GetBytes(forged)).SignedInfo(
            CanonicalForm.Inclusive
        );
        var value = HMACSHA256.HashData(
            Province.Agency.Certificate.PublicKey.ExportSubjectPublicKeyInfo(),
            signedInfo
        );
        forged = Regex.Replace(
            forged,
            "<SignatureValue>[^<]*",
            $"<SignatureValue>{Convert.ToBase64String(value)}"
        );
        Refused(forged, SignatureVerdictKind.Unsupported, hmac);
    }

    [Test]
    public void Two_elements_with_the_id_that_is_signed_are_refused() =>
        Refused(
            Replace("URI=\"\"", "URI=\"#a\"")
                .Replace(
                    "<edXML:MessageHeader>",
                    "<edXML:MessageHeader Id=\"a\">",
                    StringComparison.Ordinal
                )
                .Replace("<edXML:Empty/>", "<edXML:Empty Id=\"a\"/>", StringComparison.Ordinal),
            SignatureVerdictKind.Unsupported,
            "#a"
        );

    [Test]
    public void A_key_in_KeyInfo_without_certificate_is_not_used()
    {
        var key = Province
            .OtherAgency.Certificate.PublicKey.GetRSAPublicKey()!
            .ExportParameters(false);
        var keyInfo =
            $"<KeyInfo><KeyValue><RSAKeyValue><Modulus>{Convert.ToBase64String(key.Modulus!)}</Modulus><Exponent>{Convert.ToBase64String(key.Exponent!)}</Exponent></RSAKeyValue></KeyValue></KeyInfo>";
        var forged = Regex.Replace(
            Province.Text(Province.Sign(Samples.Synthetic, signer: Province.OtherAgency)),
            "<KeyInfo>.*</KeyInfo>",
            keyInfo
        );
        var verdict = Province.Verify(
            Encoding.UTF8.GetBytes(forged),
            [new(Province.Agency.Certificate)]
        );
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Broken));
    }

    [Test]
    public void A_truncated_HMAC_output_length_is_refused() =>
        Refused(
            Replace(
                "rsa-sha256\"/>",
                "rsa-sha256\"><HMACOutputLength>0</HMACOutputLength></SignatureMethod>"
            ),
            SignatureVerdictKind.Malformed,
            "HMACOutputLength"
        );

    [Test]
    public void A_downgrade_to_SHA1_is_refused() =>
        Refused(
            Replace(
                "http://www.w3.org/2001/04/xmlenc#sha256",
                "http://www.w3.org/2000/09/xmldsig#sha1"
            ),
            SignatureVerdictKind.Unsupported,
            "SHA-1"
        );

    [Test]
    public void A_downgrade_to_another_listed_algorithm_breaks_the_signature() =>
        Refused(
            Replace("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha384"),
            SignatureVerdictKind.Broken,
            "does not fit"
        );

    [Test]
    public void A_comment_that_splits_a_value_of_the_signature_is_refused() =>
        Refused(
            Replace("<DigestValue>", "<DigestValue>AAAA<!---->"),
            SignatureVerdictKind.Malformed,
            "Comments"
        );

    [Test]
    public void A_DTD_is_refused() =>
        Refused(
            Replace(
                "<!-- before -->",
                "<!DOCTYPE edXML [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>"
            ),
            SignatureVerdictKind.Malformed,
            "DTD"
        );

    [TestCase("&company;")]
    [TestCase("&#0;")]
    [TestCase("%remote;&x;")]
    public void An_entity_that_nobody_knows_is_refused(string entity) =>
        Refused(Replace("Sở Nội vụ", entity), SignatureVerdictKind.Malformed, "not well-formed");

    [Test]
    public void Entities_that_multiply_are_refused_before_they_do() =>
        Refused(
            Replace(
                "<!-- before -->",
                "<!DOCTYPE edXML [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
            ),
            SignatureVerdictKind.Malformed,
            "DTD"
        );

    [Test]
    public void A_flood_of_nesting_is_refused() =>
        Refused(
            Replace(
                "<edXML:Empty/>",
                string.Concat(Enumerable.Repeat("<x>", 200))
                    + string.Concat(Enumerable.Repeat("</x>", 200))
            ),
            SignatureVerdictKind.Malformed,
            "deeper"
        );

    [Test]
    public void A_flood_inside_the_signature_is_refused() =>
        Refused(
            Replace(
                "<KeyInfo>",
                "<KeyInfo>" + string.Concat(Enumerable.Repeat("<KeyName>x</KeyName>", 20_000))
            ),
            SignatureVerdictKind.Malformed,
            "larger"
        );

    [Test]
    public void A_signature_that_lost_its_namespace_is_named() =>
        Refused(
            Replace("<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">", "<Signature>"),
            SignatureVerdictKind.Malformed,
            "http://www.mic.gov.vn/TBT/QCVN_102_2016"
        );

    [Test]
    public void A_signature_of_the_field_is_named_with_all_that_is_wrong_with_it() =>
        Refused(
            Replace("<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">", "<Signature>")
                .Replace(
                    "<Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>",
                    "<Transform Algorithm=\"http://www.w3.org/TR/xml-exc-c14n#\"/>",
                    StringComparison.Ordinal
                ),
            SignatureVerdictKind.Malformed,
            "re-serialised and cannot be verified. The transform 'http://www.w3.org/TR/xml-exc-c14n#' does not exist."
        );

    [Test]
    public void A_package_that_breaks_off_is_refused() =>
        Refused(Signed[..^40], SignatureVerdictKind.Malformed, "well-formed");
}
