using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Access;

/// <summary>The P-256 key that signs access tokens, in a <see cref="KeyFile"/>.</summary>
public sealed class SigningKey : IDisposable
{
    private const string Setting =
        $"{AccessOptions.Section}:{nameof(AccessOptions.SigningKeyFile)}";

    private readonly ECDsa _key;

    public SigningKey(IOptions<AccessOptions> options)
    {
        var file = options.Value.SigningKeyFile;
        _key = Load(KeyFile.ReadOrCreate(file, Setting, Create), Path.GetFullPath(file));
        Key = new ECDsaSecurityKey(_key)
        {
            KeyId = KeyIdOf(_key),
            // The library's own cache is for the whole process and by key id: it would hand the next hub in this
            // process a provider over the key that this one has disposed of.
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        };
    }

    public ECDsaSecurityKey Key { get; }

    public void Dispose() => _key.Dispose();

    private static string Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static ECDsa Load(string pem, string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            // The import also takes a public key or another curve.
            if (key.ExportParameters(includePrivateParameters: true).Q.X?.Length == 32)
            {
                return key;
            }
        }
        catch (Exception failure) when (failure is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw Unusable(failure);
        }
        key.Dispose();
        throw Unusable(null);

        InvalidOperationException Unusable(Exception? cause) =>
            new($"{Setting} {file} holds no P-256 private key in PEM.", cause);
    }

    private static string KeyIdOf(ECDsa key) =>
        Base64UrlEncoder.Encode(SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..12]);
}
