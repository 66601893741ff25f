using Microsoft.Extensions.Options;

namespace Axis.Hub.Storage;

/// <summary>
/// The keys that payloads are encrypted with. They stand in a file of their own, lines of <c>id base64</c> with 256-bit
/// keys, which only the hub's account may read; the settings name the file and the key for new payloads.
/// </summary>
/// <remarks>
/// Rotation: add a line, name the new id, restart. What was written before names its own key and stays readable for as
/// long as that line is there.
/// </remarks>
public sealed class PayloadKeys
{
    public const int KeyBytes = 32;
    private const int MaxIdBytes = 64;

    private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);

    public PayloadKeys(IOptions<StorageOptions> options)
    {
        var (file, current) = (options.Value.EncryptionKeyFile, options.Value.EncryptionKeyId);
        if (string.IsNullOrEmpty(file))
        {
            if (!string.IsNullOrEmpty(current))
            {
                throw Wrong($"{nameof(StorageOptions.EncryptionKeyId)} is set without a key file.");
            }
            return;
        }
        Read(file);
        if (string.IsNullOrEmpty(current))
        {
            return;
        }
        Current = _keys.ContainsKey(current)
            ? current
            : throw Wrong($"{file} has no key {current}.");
    }

    /// <summary>The key for new payloads; null when they are not encrypted.</summary>
    public string? Current { get; }

    public bool TryFind(string id, out ReadOnlySpan<byte> key)
    {
        var found = _keys.TryGetValue(id, out var bytes);
        key = bytes;
        return found;
    }

    public ReadOnlySpan<byte> this[string id] => _keys[id];

    private void Read(string file)
    {
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!File.Exists(file))
        {
            throw Wrong($"{file} is not there.");
        }
        if (
            !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(file) & Others) != UnixFileMode.None
        )
        {
            throw Wrong($"{file} can be read or written by every user; chmod 600 it.");
        }
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#'))
            {
                continue;
            }
            // The line itself is a secret and is not quoted.
            var key = new byte[KeyBytes];
            if (
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var id, var text]
                || System.Text.Encoding.UTF8.GetByteCount(id) > MaxIdBytes
                || !Convert.TryFromBase64String(text, key, out var length)
                || length != KeyBytes
            )
            {
                throw Wrong(
                    $"{file}, line {number}: an id and a 256-bit key in base64 were expected."
                );
            }
            if (!_keys.TryAdd(id, key))
            {
                throw Wrong($"{file}, line {number}: key {id} is there twice.");
            }
        }
    }

    private static OptionsValidationException Wrong(string why) =>
        new(
            nameof(StorageOptions.EncryptionKeyFile),
            typeof(StorageOptions),
            [$"{StorageOptions.Section}:{nameof(StorageOptions.EncryptionKeyFile)}: {why}"]
        );
}
