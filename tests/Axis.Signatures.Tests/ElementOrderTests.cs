using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

namespace Axis.Signatures.Tests;

/// <summary>
/// Elements may stand in any order, and so what is signed may stand behind what is not about it: each with namespaces of
/// its own, which a reader that mistakes it for an element around the signature would sign with it.
/// </summary>
internal sealed class ElementOrderTests
{
    private const string Header =
        "<e:edXMLHeader xmlns:h=\"urn:h\"><e:MessageHeader><e:Subject>V/v họp</e:Subject></e:MessageHeader></e:edXMLHeader>";
    private const string Body =
        "<e:edXMLBody xmlns:b=\"urn:b\"><e:edXMLManifest xmlns:c=\"urn:c\" version=\"1.0\"><e:Reference/></e:edXMLManifest></e:edXMLBody>";
    private const string Attachments =
        "<AttachmentEncoded xmlns:a=\"urn:a\"><Attachment xml:lang=\"vi\"><ContentId>cid:1</ContentId></Attachment></AttachmentEncoded>";

    private static IEnumerable<string> Packages()
    {
        yield return Package("", Header + Body, Attachments);
        yield return Package("", Body + Header, Attachments);
        yield return Package(Attachments, Header + Body, "");
        yield return Package(Attachments, Body + Header, "");
        yield return Package(
            "<x xmlns:y=\"urn:y\"/>",
            "<e:x xmlns:z=\"urn:z\"/>" + Header + Body,
            Attachments
        );

        static string Package(string before, string envelope, string behind) =>
            $"<edXML xmlns=\"urn:edxml\" xmlns:r=\"urn:r\">{before}<e:edXMLEnvelope xmlns:e=\"urn:edxml\">{envelope}</e:edXMLEnvelope>{behind}</edXML>";
    }

    [TestCaseSource(nameof(Packages))]
    public void A_package_signed_by_the_platform_is_valid(string package) =>
        Assert.That(
            Province.Verify(SignedByPlatform(package)).Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );

    [TestCaseSource(nameof(Packages))]
    public void A_package_signed_by_us_is_valid_to_the_platform(string package)
    {
        var signed = Province.Sign(Encoding.UTF8.GetBytes(package));
        var document = Load(Encoding.UTF8.GetString(signed));
        var element = (XmlElement)
            document.GetElementsByTagName("Signature", SignedXml.XmlDsigNamespaceUrl)[0]!;
        var platform = new SignedXml((XmlElement)element.ParentNode!);
        platform.LoadXml(element);
        using var key = Province.Agency.Certificate.GetRSAPublicKey()!;
        Assert.That(platform.CheckSignature(key));
        Assert.That(Province.Verify(signed).Kind, Is.EqualTo(SignatureVerdictKind.Valid));
    }

    private static string SignedByPlatform(string package)
    {
        var document = Load(package);
        var header = (XmlElement)document.GetElementsByTagName("edXMLHeader", "urn:edxml")[0]!;
        using var key = Province.Agency.Certificate.GetRSAPrivateKey()!;
        var signing = new SignedXml(header) { SigningKey = key };
        signing.SignedInfo!.SignatureMethod = SignedXml.XmlDsigRSASHA256Url;
        var reference = new Reference("") { DigestMethod = SignedXml.XmlDsigSHA256Url };
        reference.AddTransform(new XmlDsigEnvelopedSignatureTransform());
        reference.AddTransform(new XmlDsigC14NTransform());
        signing.AddReference(reference);
        signing.KeyInfo.AddClause(new KeyInfoX509Data(Province.Agency.Certificate));
        signing.ComputeSignature();
        header.AppendChild(document.ImportNode(signing.GetXml(), deep: true));
        return document.OuterXml;
    }

    private static XmlDocument Load(string package)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        using var reader = XmlReader.Create(
            new StringReader(package),
            new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null }
        );
        document.Load(reader);
        return document;
    }
}
