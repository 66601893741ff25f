using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Axis.Vxp;

/// <summary>
/// The parameter <c>hash-file</c>: SHA-256 of the file without the line end that follows it in the body. The Java
/// clients print each byte without its leading zero, and the dropped zeros cannot be restored; so a value is compared
/// with both spellings of the true digest.
/// </summary>
public static class FileHash
{
    /// <summary>64 digits in lower case.</summary>
    public static string Padded(ReadOnlySpan<byte> sha256) => Convert.ToHexStringLower(sha256);

    /// <summary>As the Java clients print it: 64 digits less one for every byte below 0x10.</summary>
    public static string Unpadded(ReadOnlySpan<byte> sha256)
    {
        var text = new StringBuilder(2 * SHA256.HashSizeInBytes);
        foreach (var one in sha256)
        {
            text.Append(one.ToString("x", CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }

    public static bool IsOf(ReadOnlySpan<byte> sha256, string? presented) =>
        presented is not null
        && (
            presented.Equals(Unpadded(sha256), StringComparison.OrdinalIgnoreCase)
            || presented.Equals(Padded(sha256), StringComparison.OrdinalIgnoreCase)
        );
}
