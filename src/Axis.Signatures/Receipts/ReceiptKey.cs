using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>A private key from a file: PEM (P-256 or RSA), or PKCS#12.</summary>
public sealed class ReceiptKey : IReceiptSigner, IDisposable
{
    private readonly AsymmetricAlgorithm _key;
    private readonly Lock _signing = new();

    private ReceiptKey(AsymmetricAlgorithm key)
    {
        _key = key;
        Key = PublicJwk.Of(key);
    }

    public PublicJwk Key { get; }

    /// <summary>Reads a key.</summary>
    /// <param name="file">PKCS#12 by its name (<c>.p12</c>, <c>.pfx</c>), else PEM.</param>
    /// <param name="password">Of the file, if it has one.</param>
    /// <exception cref="CryptographicException">The file holds no private key of a kind that signs receipts, or the password is wrong.</exception>
    public static ReceiptKey Load(string file, string? password = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        var key = PrivateKeys.Load(file, password);
        try
        {
            return new ReceiptKey(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        // A key serves one signature at a time.
        lock (_signing)
        {
            return _key is ECDsa ecdsa
                ? ecdsa.SignData(data, HashAlgorithmName.SHA256)
                : ((RSA)_key).SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        }
    }

    public void Dispose() => _key.Dispose();
}

/// <summary>Private keys in files.</summary>
public static class PrivateKeys
{
    public static bool IsPkcs12(string file) =>
        Path.GetExtension(file)?.ToUpperInvariant() is ".P12" or ".PFX";

    /// <summary>The key of a file, RSA or elliptic.</summary>
    /// <exception cref="CryptographicException">The file holds no private key, or the password is wrong.</exception>
    public static AsymmetricAlgorithm Load(string file, string? password)
    {
        if (IsPkcs12(file))
        {
            using var certificate = LoadPkcs12(file, password);
            return (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey()
                ?? certificate.GetRSAPrivateKey()
                ?? throw new CryptographicException("The file holds no private key.");
        }
        var pem = File.ReadAllText(file);
        return TryImport(ECDsa.Create(), pem, password)
            ?? TryImport(RSA.Create(), pem, password)
            ?? throw new CryptographicException("The file holds no private key in PEM.");
    }

    /// <summary>The certificate of a PKCS#12 file, with its key.</summary>
    /// <exception cref="CryptographicException">It is none, the password is wrong, or there is no key in it.</exception>
    public static X509Certificate2 LoadPkcs12(string file, string? password)
    {
        var certificate = X509CertificateLoader.LoadPkcs12FromFile(
            file,
            password,
            // Nothing of it goes to a key store of the machine.
            X509KeyStorageFlags.EphemeralKeySet
        );
        if (certificate.HasPrivateKey)
        {
            return certificate;
        }
        certificate.Dispose();
        throw new CryptographicException("The file holds no private key.");
    }

    private static AsymmetricAlgorithm? TryImport(
        AsymmetricAlgorithm key,
        string pem,
        string? password
    )
    {
        try
        {
            if (password is null)
            {
                key.ImportFromPem(pem);
            }
            else
            {
                key.ImportFromEncryptedPem(pem, password);
            }
            // The import also takes a public key.
            key.ExportPkcs8PrivateKey();
            return key;
        }
        catch (Exception failure) when (failure is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }
}
