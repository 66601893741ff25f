using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Xml;

namespace Axis.Signatures;

/// <summary>Verifies the envelope signature of a package (XML-DSig, enveloped, over the whole document).</summary>
/// <param name="options">Limits and exceptions; null for the defaults.</param>
public sealed class EnvelopeVerifier(VerificationOptions? options = null)
{
    private readonly VerificationOptions _options = options ?? VerificationOptions.Default;

    /// <summary>Judges the signature of a package. Bad packages give a verdict, never an exception.</summary>
    /// <param name="package">Seekable, at its beginning.</param>
    /// <param name="registered">The certificates of the sender. No other key is ever used.</param>
    /// <param name="at">The time at which the certificate must have been valid.</param>
    public SignatureVerdict Verify(
        Stream package,
        IReadOnlyList<RegisteredCertificate> registered,
        DateTimeOffset at
    )
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(registered);
        var start = package.Position;
        try
        {
            var signature = PackageScan.Find(package, _options);
            if (signature is null)
            {
                return new SignatureVerdict(
                    SignatureVerdictKind.None,
                    "The package carries no signature.",
                    "Gói tin không có chữ ký số."
                );
            }
            var claims = SignatureProfile.Read(signature);
            if (claims.Algorithm.Scheme != KeyScheme.RsaPkcs1)
            {
                throw ProfileException.Unsupported(
                    $"The signature algorithm '{claims.Algorithm.Uri}' is not accepted.",
                    $"Thuật toán chữ ký '{claims.Algorithm.Uri}' không được chấp nhận."
                );
            }
            package.Position = start;
            SignedXml? signed = null;
            return CertificateJudge.Judge(
                claims,
                registered,
                at,
                _options,
                certificate => Check(signed ??= Load(package), certificate)
            );
        }
        catch (ProfileException e)
        {
            return e.Verdict;
        }
        catch (XmlException e)
        {
            return new SignatureVerdict(
                SignatureVerdictKind.Malformed,
                $"The package is not well-formed XML without DTD: line {e.LineNumber}, column {e.LinePosition}.",
                $"Gói tin không phải là XML đúng cú pháp và không có DTD: dòng {e.LineNumber}, cột {e.LinePosition}."
            );
        }
    }

    private SignedXml Load(Stream package)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        using (var reader = XmlReader.Create(package, PackageScan.Settings(_options)))
            document.Load(reader);
        var element = (XmlElement)
            document.GetElementsByTagName("Signature", DsigUris.Namespace)[0]!;
        var signed = new SignedXml(document) { Resolver = null! };
        signed.LoadXml(element);
        return signed;
    }

    private static (string, string)? Check(SignedXml signed, X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPublicKey();
        try
        {
            if (key is not null && signed.CheckSignature(key))
                return null;
        }
        catch (CryptographicException)
        {
            // A signature value that the key cannot even process.
        }
        return (
            "The package is not as it was signed, or it was signed with another key.",
            "Gói tin không còn nguyên như khi ký, hoặc được ký bằng khóa khác."
        );
    }
}
