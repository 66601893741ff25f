using System.Security.Cryptography;
using Axis.Hub.Access;
using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Trust.Receipts;

/// <summary>The key in force, from a file, and those that were in force before.</summary>
public sealed class ReceiptKeys : IReceiptSigner, IDisposable
{
    private const string DefaultName = "receipt-key.pem";

    private readonly ReceiptKey _key;

    public ReceiptKeys(IOptions<ReceiptOptions> options, IOptions<AccessOptions> access)
    {
        var file =
            options.Value.KeyFile.Length > 0
                ? Path.GetFullPath(options.Value.KeyFile)
                : Path.Combine(
                    Path.GetDirectoryName(Path.GetFullPath(access.Value.SigningKeyFile))!,
                    DefaultName
                );
        const string Setting = $"{ReceiptOptions.Section}:{nameof(ReceiptOptions.KeyFile)}";
        KeyFile.ReadOrCreate(file, Setting, () => Create(file));
        try
        {
            _key = ReceiptKey.Load(file, PasswordOf(options.Value));
        }
        catch (Exception failure) when (failure is CryptographicException or IOException)
        {
            throw new UnusableSettingException($"{Setting} {file}: {failure.Message}", failure);
        }
        PublicKeys = new JwkSet([_key.Key, .. FormerKeys(options.Value.FormerKeyFolder)]);
    }

    public PublicJwk Key => _key.Key;

    /// <summary>The key in force first.</summary>
    public JwkSet PublicKeys { get; }

    public byte[] Sign(ReadOnlySpan<byte> data) => _key.Sign(data);

    public void Dispose() => _key.Dispose();

    private static string Create(string file)
    {
        if (PrivateKeys.IsPkcs12(file))
        {
            throw new UnusableSettingException($"There is no PKCS#12 file {file}.");
        }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static string? PasswordOf(ReceiptOptions options) =>
        options.PasswordFile.Length == 0
            ? null
            : File.ReadLines(options.PasswordFile).FirstOrDefault() ?? "";

    private static IEnumerable<PublicJwk> FormerKeys(string folder)
    {
        if (folder.Length == 0)
        {
            yield break;
        }
        foreach (
            var file in Directory.EnumerateFiles(folder, "*.pem").Order(StringComparer.Ordinal)
        )
        {
            yield return PublicKeyOf(file);
        }
    }

    private static PublicJwk PublicKeyOf(string file)
    {
        var pem = File.ReadAllText(file);
        using var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(pem);
            return PublicJwk.Of(ecdsa);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return PublicJwk.Of(rsa);
        }
    }
}
