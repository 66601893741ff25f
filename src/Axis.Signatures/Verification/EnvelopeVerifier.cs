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
            package.Position = start;
            var canonical = new Canonical(package, _options);
            var signedInfo = Digests.Hash(
                claims.Algorithm.Hash,
                canonical.SignedInfo(claims.SignedInfoForm)
            );
            var digest = Digests.Hash(
                claims.DigestAlgorithm,
                canonical.Document(claims.DocumentForm)
            );
            return CertificateJudge.Judge(claims, registered, at, _options, signedInfo, digest);
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
}
