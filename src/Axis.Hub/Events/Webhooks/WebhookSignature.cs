using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Axis.Hub.Events.Webhooks;

/// <summary>
/// Standard Webhooks 1.0: HMAC-SHA256 over <c>id.timestamp.body</c>, in base64 after <c>v1,</c>; the key is the base64
/// after <c>whsec_</c> of the secret. While a secret is exchanged there is a signature for each, with a blank between.
/// </summary>
public static class WebhookSignature
{
    public const string SecretPrefix = "whsec_";
    private const int KeyBytes = 32;

    public static string NewSecret() =>
        SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    public static string Of(string secret, string id, DateTimeOffset at, byte[] body)
    {
        var key = Convert.FromBase64String(secret[SecretPrefix.Length..]);
        var head = Encoding.UTF8.GetBytes($"{id}.{SecondsOf(at)}.");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, (byte[])[.. head, .. body]));
    }

    public static string Of(
        IEnumerable<string> secrets,
        string id,
        DateTimeOffset at,
        byte[] body
    ) => string.Join(' ', secrets.Select(secret => Of(secret, id, at, body)));

    public static string SecondsOf(DateTimeOffset at) =>
        at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
