using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Axis.Hub.Access;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Vxp;

/// <summary>
/// Seals VXP secrets with AES-256-GCM. The key is in a file beside the hub and in no database, so a copy of the database
/// gives nobody a secret. A sealed secret is bound to its holder and its row: moved to another row it does not open.
/// </summary>
public sealed class SealingKey
{
    private const int KeyBytes = 32;
    private const byte Version = 1;

    private readonly byte[]? _key;

    public SealingKey(IOptions<VxpOptions> options)
    {
        if (options.Value.KeyFile.Length > 0)
        {
            var setting = $"{VxpOptions.Section}:{nameof(VxpOptions.KeyFile)}";
            _key = Read(KeyFile.ReadOrCreate(options.Value.KeyFile, setting, Create), setting);
        }
    }

    /// <summary>False when the hub was given no key file; then nothing can be sealed or opened.</summary>
    [MemberNotNullWhen(true, nameof(_key))]
    public bool IsThere => _key is not null;

    /// <summary>Version, nonce, tag and cipher text.</summary>
    /// <exception cref="InvalidOperationException">There is no key.</exception>
    public byte[] Seal(string secret, string officeSystemId, Guid id)
    {
        using var aes = new AesGcm(Needed(), AesGcm.TagByteSizes.MaxSize);
        var text = Encoding.UTF8.GetBytes(secret);
        var box = new byte[HeadBytes + text.Length];
        box[0] = Version;
        RandomNumberGenerator.Fill(NonceOf(box));
        aes.Encrypt(
            NonceOf(box),
            text,
            box.AsSpan(HeadBytes),
            TagOf(box),
            BindingOf(officeSystemId, id)
        );
        return box;
    }

    /// <summary>The secret; null when this key did not seal it for this holder and row.</summary>
    public string? Open(byte[] box, string officeSystemId, Guid id)
    {
        if (!IsThere || box.Length < HeadBytes || box[0] != Version)
        {
            return null;
        }
        using var aes = new AesGcm(_key, AesGcm.TagByteSizes.MaxSize);
        var text = new byte[box.Length - HeadBytes];
        try
        {
            aes.Decrypt(
                NonceOf(box),
                box.AsSpan(HeadBytes),
                TagOf(box),
                text,
                BindingOf(officeSystemId, id)
            );
        }
        catch (CryptographicException)
        {
            return null;
        }
        return Encoding.UTF8.GetString(text);
    }

    private static int NonceBytes => AesGcm.NonceByteSizes.MaxSize;

    private static int TagBytes => AesGcm.TagByteSizes.MaxSize;

    private static int HeadBytes => 1 + NonceBytes + TagBytes;

    private static Span<byte> NonceOf(byte[] box) => box.AsSpan(1, NonceBytes);

    private static Span<byte> TagOf(byte[] box) => box.AsSpan(1 + NonceBytes, TagBytes);

    private static byte[] BindingOf(string officeSystemId, Guid id) =>
        Encoding.UTF8.GetBytes($"{officeSystemId}\n{id}");

    private byte[] Needed() =>
        _key ?? throw new InvalidOperationException("There is no key to seal a secret with.");

    private static string Create() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    private static byte[] Read(string text, string setting)
    {
        var key = new byte[KeyBytes];
        return Convert.TryFromBase64String(text.Trim(), key, out var length) && length == KeyBytes
            ? key
            : throw new UnusableSettingException(
                $"{setting} holds no AES-256 key: {KeyBytes} bytes in base64 were expected."
            );
    }
}
