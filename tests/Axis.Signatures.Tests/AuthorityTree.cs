using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures.Tests;

/// <summary>A root, an intermediate authority and a signer below it, made at run time.</summary>
internal sealed class AuthorityTree : IDisposable
{
    /// <summary>Making keys takes longer than everything else.</summary>
    private static readonly RSA RootKey = RSA.Create(2048);
    private static readonly RSA IntermediateKey = RSA.Create(2048);
    private static readonly RSA LeafKey = RSA.Create(2048);

    public AuthorityTree(
        bool intermediateIsAuthority = true,
        DateTimeOffset? intermediateEnd = null,
        HashAlgorithmName? hash = null,
        string? extendedUsage = null,
        DateTimeOffset? now = null
    )
    {
        var start = (now ?? Province.Now).AddYears(-1);
        var end = (now ?? Province.Now).AddYears(1);
        var signedWith = hash ?? HashAlgorithmName.SHA256;
        var root = Request("Root", RootKey, HashAlgorithmName.SHA256, authority: true);
        Root = root.CreateSelfSigned(start, end);
        Intermediate = Issue(
            Request("Intermediate", IntermediateKey, signedWith, intermediateIsAuthority),
            Root,
            RootKey,
            start,
            intermediateEnd ?? end
        );
        var leaf = Request("Signer", LeafKey, signedWith, authority: false);
        if (extendedUsage is not null)
            leaf.CertificateExtensions.Add(
                new X509EnhancedKeyUsageExtension([new Oid(extendedUsage)], critical: true)
            );
        using var bare = Issue(leaf, Intermediate, IntermediateKey, start, end);
        Leaf = bare.CopyWithPrivateKey(LeafKey);
    }

    public X509Certificate2 Root { get; }
    public X509Certificate2 Intermediate { get; }

    /// <summary>With private key.</summary>
    public X509Certificate2 Leaf { get; }

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
        Leaf.Dispose();
    }

    private static CertificateRequest Request(
        string name,
        RSA key,
        HashAlgorithmName hash,
        bool authority
    )
    {
        var request = new CertificateRequest($"CN={name}", key, hash, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(authority, false, 0, true)
        );
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(
                authority
                    ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign
                    : X509KeyUsageFlags.DigitalSignature,
                true
            )
        );
        return request;
    }

    private static X509Certificate2 Issue(
        CertificateRequest request,
        X509Certificate2 issuer,
        RSA issuerKey,
        DateTimeOffset start,
        DateTimeOffset end
    ) =>
        request.Create(
            issuer.SubjectName,
            request.HashAlgorithm == HashAlgorithmName.SHA1
                ? new Sha1Generator(issuerKey)
                : X509SignatureGenerator.CreateForRSA(issuerKey, RSASignaturePadding.Pkcs1),
            start,
            end,
            [0x40, .. RandomNumberGenerator.GetBytes(8)]
        );

    /// <summary>The platform no longer signs certificates with SHA-1.</summary>
    private sealed class Sha1Generator(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            [
                0x30,
                0x0D,
                0x06,
                0x09,
                0x2A,
                0x86,
                0x48,
                0x86,
                0xF7,
                0x0D,
                0x01,
                0x01,
                0x05,
                0x05,
                0x00,
            ];

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
            key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => new(key);
    }
}
