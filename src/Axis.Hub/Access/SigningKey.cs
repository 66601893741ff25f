using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Access;

/// <summary>
/// The P-256 key that signs access tokens. The first node to start makes it, readable by its owner alone; a file that
/// other users of the machine can read is refused, because whoever reads it can be anybody.
/// </summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;

    public SigningKey(IOptions<AccessOptions> options)
    {
        var file = Path.GetFullPath(options.Value.SigningKeyFile);
        if (!File.Exists(file))
        {
            Create(file);
        }
        RefuseIfOthersCanRead(file);
        _key = Load(file);
        Key = new ECDsaSecurityKey(_key) { KeyId = KeyIdOf(_key) };
    }

    public ECDsaSecurityKey Key { get; }

    public void Dispose() => _key.Dispose();

    private static void Create(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var draft = $"{file}.{Guid.CreateVersion7():N}.new";
        using (var stream = new FileStream(draft, OwnerOnly()))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(key.ExportPkcs8PrivateKeyPem());
            writer.Flush();
            stream.Flush(flushToDisk: true);
        }
        try
        {
            // The name appears with its whole content or not at all; of two nodes the first wins.
            File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft);
        }
    }

    private static FileStreamOptions OwnerOnly()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return options;
    }

    private static void RefuseIfOthersCanRead(string file)
    {
        if (
            !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite))
                != UnixFileMode.None
        )
        {
            throw new InvalidOperationException(
                $"{AccessOptions.Section}:{nameof(AccessOptions.SigningKeyFile)} {file} can be read or written by every user; chmod 600 it."
            );
        }
    }

    private static ECDsa Load(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
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
            new(
                $"{AccessOptions.Section}:{nameof(AccessOptions.SigningKeyFile)} {file} holds no P-256 private key in PEM.",
                cause
            );
    }

    private static string KeyIdOf(ECDsa key) =>
        Base64UrlEncoder.Encode(SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..12]);
}
