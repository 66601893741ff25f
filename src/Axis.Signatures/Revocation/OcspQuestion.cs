using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>A question to an OCSP responder about one certificate (RFC 6960 section 4.1).</summary>
public sealed class OcspQuestion
{
    internal const string NonceOid = "1.3.6.1.5.5.7.48.1.2";
    private const string Sha1Oid = "1.3.14.3.2.26";
    private const int NonceBytes = 32; // RFC 9654 section 2.1

    private readonly byte[] _issuerNameHash;
    private readonly byte[] _issuerKeyHash;
    private readonly BigInteger _serial;

    public OcspQuestion(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        Issuer = issuer;
        _serial = new BigInteger(
            certificate.SerialNumberBytes.Span,
            isUnsigned: false,
            isBigEndian: true
        );
        // SHA-1 names the issuer here, it proves nothing: RFC 5019 section 2.1.1 asks for it, and responders that know
        // no other hash are many. Who answers must sign with the issuer's key.
#pragma warning disable CA5350
        _issuerNameHash = SHA1.HashData(certificate.IssuerName.RawData);
        _issuerKeyHash = SHA1.HashData(issuer.PublicKey.EncodedKeyValue.RawData);
#pragma warning restore CA5350
        Nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        Encoded = Write();
    }

    public X509Certificate2 Issuer { get; }

    /// <summary>Never used before, so that an old answer cannot pass for a new one.</summary>
    public byte[] Nonce { get; }

    public byte[] Encoded { get; }

    /// <summary>Whether a CertID names the certificate in question: all four parts.</summary>
    internal bool IsAbout(AsnReader certId)
    {
        var algorithm = certId.ReadSequence().ReadObjectIdentifier();
        return algorithm == Sha1Oid
            & certId.ReadOctetString().AsSpan().SequenceEqual(_issuerNameHash)
            & certId.ReadOctetString().AsSpan().SequenceEqual(_issuerKeyHash)
            & certId.ReadInteger() == _serial;
    }

    private byte[] Write()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) // OCSPRequest
        using (writer.PushSequence()) // TBSRequest
        {
            using (writer.PushSequence()) // requestList
            using (writer.PushSequence()) // Request
            using (writer.PushSequence()) // CertID
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Sha1Oid);
                    writer.WriteNull();
                }
                writer.WriteOctetString(_issuerNameHash);
                writer.WriteOctetString(_issuerKeyHash);
                writer.WriteInteger(_serial);
            }
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
            using (writer.PushSequence()) // Extensions
            using (writer.PushSequence()) // Extension
            {
                writer.WriteObjectIdentifier(NonceOid);
                using (writer.PushOctetString())
                {
                    writer.WriteOctetString(Nonce);
                }
            }
        }
        return writer.Encode();
    }
}
