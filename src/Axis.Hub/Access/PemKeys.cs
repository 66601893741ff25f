using System.Security.Cryptography;

namespace Axis.Hub.Access;

internal readonly record struct PemKey(ECDsa Key, bool IsPrivate);

/// <summary>P-256 keys in PEM, private ones (PKCS #8) and public ones (SubjectPublicKeyInfo).</summary>
internal static class PemKeys
{
    private const int Most = 20;
    private const string PrivateLabel = "PRIVATE KEY";
    private const string PublicLabel = "PUBLIC KEY";

    public static string CreateOne()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <param name="pem">One block after the other.</param>
    /// <param name="where">Where that stands, for messages.</param>
    /// <exception cref="UnusableSettingException">What stands there is not what is expected.</exception>
    public static IReadOnlyList<PemKey> Read(string pem, string where)
    {
        var keys = new List<PemKey>();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            var label = rest[found.Label].ToString();
            var key = ECDsa.Create();
            try
            {
                key.ImportFromPem(rest[found.Location]);
                if (
                    label is not (PrivateLabel or PublicLabel)
                    || key.KeySize != 256
                    || keys.Count == Most
                )
                {
                    throw new CryptographicException("another kind of key");
                }
            }
            catch (Exception failure) when (failure is ArgumentException or CryptographicException)
            {
                key.Dispose();
                throw Unusable(where, failure);
            }
            keys.Add(new(key, label == PrivateLabel));
            rest = rest[found.Location.End.Value..];
        }
        return keys;
    }

    public static UnusableSettingException Unusable(string where, Exception? cause) =>
        new($"{where} holds no P-256 private key in PEM, or something else beside.", cause);
}
