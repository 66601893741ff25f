using System.Security.Cryptography;
using System.Text;

namespace Axis.Vxp;

/// <summary>
/// HMAC-SHA256 over the signed text in UTF-8. The key is the secret's UTF-8 text as it stands: it is neither base64 nor
/// hexadecimal to anybody. It covers neither call nor path nor body.
/// </summary>
public static class VxpSignature
{
    /// <summary>The value of <c>hash-header</c>: 64 digits in lower case.</summary>
    public static string Of(ReadOnlySpan<byte> signedText, string secret)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signedText, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Whether the text was signed with the secret; takes the same time for every wrong hash.</summary>
    public static bool IsOf(ReadOnlySpan<byte> signedText, string secret, string presented)
    {
        var expected = Encoding.ASCII.GetBytes(Of(signedText, secret));
        return CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(presented));
    }

    /// <summary>
    /// All headers of a request in their order on the wire, from the parameters in theirs. The transport adds its own
    /// (Host, Content-Length); <c>Content-Type</c> is among these and must go out exactly so.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(
        VxpParameters parameters,
        string secret
    )
    {
        var text = SignedText.Write(parameters);
        return
        [
            .. parameters.Entries.SelectMany(entry => HeadersOf(entry)),
            KeyValuePair.Create(VxpNames.SignHeaderKey, SignedText.KeyOf(parameters)),
            KeyValuePair.Create(VxpNames.SignHeader, text),
            KeyValuePair.Create(VxpNames.HashHeader, Of(Encoding.UTF8.GetBytes(text), secret)),
            KeyValuePair.Create("User-Agent", VxpNames.UserAgentValue),
            KeyValuePair.Create(VxpNames.Version, VxpNames.VersionValue),
        ];
    }

    private static IEnumerable<KeyValuePair<string, string>> HeadersOf(
        KeyValuePair<string, string> parameter
    )
    {
        if (parameter.Key == VxpParameter.ContentType)
        {
            yield return parameter;
        }
        yield return KeyValuePair.Create(VxpNames.Prefix + parameter.Key, parameter.Value);
    }
}
