using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>The signature on what an authority says: an OCSP answer or a revocation list.</summary>
/// <param name="Algorithm">Object identifier of the signature algorithm.</param>
/// <param name="Value">The signature itself.</param>
internal sealed record AuthoritySignature(string Algorithm, byte[] Value)
{
    /// <summary>Reads the algorithm and the value that follow the signed part.</summary>
    public static AuthoritySignature Read(AsnReader reader)
    {
        var algorithm = reader.ReadSequence().ReadObjectIdentifier();
        return new(algorithm, reader.ReadBitString(out _));
    }

    public bool Holds(X509Certificate2 signer, ReadOnlySpan<byte> signed)
    {
        try
        {
            switch (Algorithm)
            {
                case "1.2.840.113549.1.1.11":
                    return HoldsRsa(signer, signed, HashAlgorithmName.SHA256);
                case "1.2.840.113549.1.1.12":
                    return HoldsRsa(signer, signed, HashAlgorithmName.SHA384);
                case "1.2.840.113549.1.1.13":
                    return HoldsRsa(signer, signed, HashAlgorithmName.SHA512);
                case "1.2.840.10045.4.3.2":
                    return HoldsEcdsa(signer, signed, HashAlgorithmName.SHA256);
                case "1.2.840.10045.4.3.3":
                    return HoldsEcdsa(signer, signed, HashAlgorithmName.SHA384);
                case "1.2.840.10045.4.3.4":
                    return HoldsEcdsa(signer, signed, HashAlgorithmName.SHA512);
                default:
                    // SHA-1 among others: whoever can forge it could make a revoked certificate good.
                    throw new RevocationException($"signed with the algorithm {Algorithm}");
            }
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private bool HoldsRsa(
        X509Certificate2 signer,
        ReadOnlySpan<byte> signed,
        HashAlgorithmName hash
    )
    {
        using var key = signer.GetRSAPublicKey();
        return key is not null && key.VerifyData(signed, Value, hash, RSASignaturePadding.Pkcs1);
    }

    private bool HoldsEcdsa(
        X509Certificate2 signer,
        ReadOnlySpan<byte> signed,
        HashAlgorithmName hash
    )
    {
        using var key = signer.GetECDsaPublicKey();
        return key is not null
            && key.VerifyData(signed, Value, hash, DSASignatureFormat.Rfc3279DerSequence);
    }
}
