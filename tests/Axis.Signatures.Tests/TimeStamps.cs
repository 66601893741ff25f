using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures.Tests;

/// <summary>Makes time stamps (RFC 3161) that name any time.</summary>
internal static class TimeStamps
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    /// <param name="authority">With private key.</param>
    /// <param name="stamped">The bytes whose SHA-256 is stamped.</param>
    /// <param name="time">The time that the stamp names.</param>
    /// <param name="namesCertificate">The stamp says which certificate signed it.</param>
    public static byte[] Token(
        X509Certificate2 authority,
        byte[] stamped,
        DateTimeOffset time,
        bool namesCertificate = true
    )
    {
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            info.WriteInteger(1);
            info.WriteObjectIdentifier("1.2.3.4.1");
            using (info.PushSequence())
            {
                using (info.PushSequence())
                    info.WriteObjectIdentifier(Sha256);
                info.WriteOctetString(SHA256.HashData(stamped));
            }
            info.WriteInteger(7);
            info.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }
        var token = new SignedCms(
            new ContentInfo(new Oid("1.2.840.113549.1.9.16.1.4"), info.Encode())
        );
        var signer = new System.Security.Cryptography.Pkcs.CmsSigner(
            SubjectIdentifierType.IssuerAndSerialNumber,
            authority
        )
        {
            DigestAlgorithm = new Oid(Sha256),
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        if (namesCertificate)
        {
            var name = new AsnWriter(AsnEncodingRules.DER);
            using (name.PushSequence())
            using (name.PushSequence())
            using (name.PushSequence())
                name.WriteOctetString(SHA256.HashData(authority.RawData));
            signer.SignedAttributes.Add(
                new AsnEncodedData("1.2.840.113549.1.9.16.2.47", name.Encode())
            );
        }
        token.ComputeSignature(signer);
        return token.Encode();
    }

    /// <summary>Puts a time stamp on a CMS signature.</summary>
    /// <param name="cms">The signature.</param>
    /// <param name="stamp">Makes a token over the signature value.</param>
    public static byte[] Stamp(byte[] cms, Func<byte[], byte[]> stamp)
    {
        var signed = new SignedCms();
        signed.Decode(cms);
        var signer = signed.SignerInfos[0];
        signer.AddUnsignedAttribute(
            new AsnEncodedData("1.2.840.113549.1.9.16.2.14", stamp(signer.GetSignature()))
        );
        return signed.Encode();
    }
}
