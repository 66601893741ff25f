using System.Security.Cryptography;

namespace Axis.Signatures;

internal enum KeyScheme
{
    RsaPkcs1,
    RsaPss,
    Ecdsa,
}

/// <summary>A signature method of the profile. HMAC is not among them: a secret shared with the sender proves nothing to others.</summary>
internal sealed record SignatureAlgorithm(string Uri, KeyScheme Scheme, HashAlgorithmName Hash)
{
    private const string More = "http://www.w3.org/2001/04/xmldsig-more#";
    private const string More2007 = "http://www.w3.org/2007/05/xmldsig-more#";

    private static readonly SignatureAlgorithm[] All =
    [
        new(
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            KeyScheme.RsaPkcs1,
            HashAlgorithmName.SHA1
        ),
        new(DsigUris.RsaSha256, KeyScheme.RsaPkcs1, HashAlgorithmName.SHA256),
        new(More + "rsa-sha384", KeyScheme.RsaPkcs1, HashAlgorithmName.SHA384),
        new(More + "rsa-sha512", KeyScheme.RsaPkcs1, HashAlgorithmName.SHA512),
        new(More2007 + "sha256-rsa-MGF1", KeyScheme.RsaPss, HashAlgorithmName.SHA256),
        new(More2007 + "sha384-rsa-MGF1", KeyScheme.RsaPss, HashAlgorithmName.SHA384),
        new(More2007 + "sha512-rsa-MGF1", KeyScheme.RsaPss, HashAlgorithmName.SHA512),
        new(More + "ecdsa-sha256", KeyScheme.Ecdsa, HashAlgorithmName.SHA256),
        new(More + "ecdsa-sha384", KeyScheme.Ecdsa, HashAlgorithmName.SHA384),
        new(More + "ecdsa-sha512", KeyScheme.Ecdsa, HashAlgorithmName.SHA512),
    ];

    public static SignatureAlgorithm? Find(string uri) =>
        Array.Find(All, algorithm => string.Equals(algorithm.Uri, uri, StringComparison.Ordinal));

    public static HashAlgorithmName? FindDigest(string uri) =>
        uri switch
        {
            "http://www.w3.org/2000/09/xmldsig#sha1" => HashAlgorithmName.SHA1,
            DsigUris.Sha256 => HashAlgorithmName.SHA256,
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => HashAlgorithmName.SHA384,
            "http://www.w3.org/2001/04/xmlenc#sha512" => HashAlgorithmName.SHA512,
            _ => null,
        };

    /// <summary>False also when the key is of another kind.</summary>
    public bool Verify(
        AsymmetricAlgorithm key,
        ReadOnlySpan<byte> hash,
        ReadOnlySpan<byte> signature
    ) =>
        (Scheme, key) switch
        {
            (KeyScheme.RsaPkcs1, RSA rsa) => rsa.VerifyHash(
                hash,
                signature,
                Hash,
                RSASignaturePadding.Pkcs1
            ),
            (KeyScheme.RsaPss, RSA rsa) => rsa.VerifyHash(
                hash,
                signature,
                Hash,
                RSASignaturePadding.Pss
            ),
            // RFC 9231 section 2.3.6: r and s as integers of fixed length, one after the other.
            (KeyScheme.Ecdsa, ECDsa ecdsa) => ecdsa.VerifyHash(
                hash,
                signature,
                DSASignatureFormat.IeeeP1363FixedFieldConcatenation
            ),
            _ => false,
        };
}
