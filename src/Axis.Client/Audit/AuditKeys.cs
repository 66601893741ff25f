using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Axis.Client;

/// <summary>The public keys that the hub signs audit checkpoints with, by key id.</summary>
public static class AuditKeys
{
    private const string CheckpointType = "axis-audit+jwt";
    private const int KeyIdBytes = 12;

    /// <summary>From PEM, several blocks one after the other.</summary>
    /// <exception cref="CryptographicException">A block is no P-256 key.</exception>
    public static IReadOnlyDictionary<string, ECDsa> FromPem(string pem)
    {
        var keys = new Dictionary<string, ECDsa>(StringComparer.Ordinal);
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            var key = ECDsa.Create();
            try
            {
                key.ImportFromPem(rest[found.Location]);
            }
            catch (ArgumentException unknown)
            {
                key.Dispose();
                throw new CryptographicException("A block is no P-256 key.", unknown);
            }

            keys[IdOf(key)] = key;
            rest = rest[found.Location.End.Value..];
        }

        return keys;
    }

    /// <summary>From the hub's key set (<c>GET /oauth2/jwks</c>).</summary>
    public static IReadOnlyDictionary<string, ECDsa> FromKeySet(string json)
    {
        using var set = JsonDocument.Parse(json);
        var keys = new Dictionary<string, ECDsa>(StringComparer.Ordinal);
        foreach (var one in set.RootElement.GetProperty("keys").EnumerateArray())
        {
            var key = ECDsa.Create(
                new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint
                    {
                        X = Base64Url.DecodeFromChars(one.GetProperty("x").GetString()),
                        Y = Base64Url.DecodeFromChars(one.GetProperty("y").GetString()),
                    },
                }
            );
            keys[IdOf(key)] = key;
        }

        return keys;
    }

    /// <summary>The payload of a checkpoint that one of the keys signed; null otherwise.</summary>
    internal static JsonElement? Open(string jws, IReadOnlyDictionary<string, ECDsa> keys)
    {
        if (jws.Split('.') is not [var header, var payload, var signature])
        {
            return null;
        }

        var head = Json(header);
        return
            head.GetProperty("alg").GetString() == "ES256"
            && head.GetProperty("typ").GetString() == CheckpointType
            && keys.TryGetValue(head.GetProperty("kid").GetString() ?? "", out var key)
            && key.VerifyData(
                Encoding.ASCII.GetBytes($"{header}.{payload}"),
                Base64Url.DecodeFromChars(signature),
                HashAlgorithmName.SHA256,
                DSASignatureFormat.IeeeP1363FixedFieldConcatenation
            )
            ? Json(payload)
            : null;
    }

    private static JsonElement Json(string base64Url) =>
        JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(base64Url));

    private static string IdOf(ECDsa key) =>
        Base64Url.EncodeToString(
            SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, KeyIdBytes)
        );
}
