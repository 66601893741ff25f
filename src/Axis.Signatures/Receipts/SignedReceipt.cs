using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Axis.Signatures;

/// <summary>What a signed receipt says: that the hub accepted these bytes, from whom, for whom and when.</summary>
public sealed record ReceiptClaims
{
    /// <summary>Which hub says so.</summary>
    public required string Iss { get; init; }
    public required Guid PackageId { get; init; }
    public required string DocumentId { get; init; }

    /// <summary>new, recall, update or replace.</summary>
    public required string Business { get; init; }

    /// <summary>Of the bytes as received, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }
    public required long Size { get; init; }

    /// <summary>The identifier of the sender, as written in the package.</summary>
    public required string Sender { get; init; }
    public required IReadOnlyList<ReceiptRecipient> Recipients { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The verdict on the signature over the package.</summary>
    public required string Signature { get; init; }

    /// <summary>The best verdict on the attached PDF files.</summary>
    public required string DocumentVerdict { get; init; }
}

/// <param name="Code">The code as the sender wrote it.</param>
/// <param name="Agency">The primary code of the agency that it leads to.</param>
public sealed record ReceiptRecipient(Guid DeliveryId, string Code, string Agency);

/// <summary>Signs with the hub's key. A file holds it, or a device that never gives it out (PKCS#11).</summary>
public interface IReceiptSigner
{
    /// <summary>The public half, with its name and algorithm.</summary>
    PublicJwk Key { get; }

    /// <summary>The signature over these bytes, in the form that JWS asks for (RFC 7518 section 3).</summary>
    byte[] Sign(ReadOnlySpan<byte> data);
}

/// <summary>A receipt is not by the key it names, or no receipt at all.</summary>
public sealed class ReceiptException : Exception
{
    public ReceiptException(string message)
        : base(message) { }

    public ReceiptException(string message, Exception cause)
        : base(message, cause) { }
}

/// <summary>Receipts as JWS in compact form (RFC 7515).</summary>
public static class SignedReceipt
{
    private const string Type = "axis-receipt+json";
    private const int MaxLength = 4 * 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static string Write(ReceiptClaims claims, IReceiptSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        var header = new Header(signer.Key.Alg, signer.Key.Kid, Type);
        var signed =
            Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header, Json))
            + "."
            + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, Json));
        return signed
            + "."
            + Base64Url.EncodeToString(signer.Sign(Encoding.ASCII.GetBytes(signed)));
    }

    /// <summary>The claims of a receipt whose signature holds by one of these keys.</summary>
    /// <exception cref="ReceiptException">It does not, or this is no receipt.</exception>
    public static ReceiptClaims Read(string jws, JwkSet keys)
    {
        ArgumentNullException.ThrowIfNull(jws);
        ArgumentNullException.ThrowIfNull(keys);
        if (
            jws.Length > MaxLength
            || jws.Split('.') is not [var header, var payload, var signature]
        )
        {
            throw new ReceiptException("This is no signed receipt: three parts were expected.");
        }
        try
        {
            var named = JsonSerializer.Deserialize<Header>(Decode(header), Json)!;
            // RFC 7515 section 4.1.11: what must be understood and is not, is refused.
            if (named.Typ != Type || named.Crit is not null)
            {
                throw new ReceiptException("This is signed, but no receipt.");
            }
            // The algorithm is the key's own; the header may only agree (RFC 8725 section 3.1).
            var key =
                keys.Keys.FirstOrDefault(one => one.Kid == named.Kid && one.Alg == named.Alg)
                ?? throw new ReceiptException(
                    $"The key {named.Kid} that the receipt names is not among the keys given."
                );
            if (!key.Verify(Encoding.ASCII.GetBytes($"{header}.{payload}"), Decode(signature)))
            {
                throw new ReceiptException("The signature of the receipt is broken.");
            }
            return JsonSerializer.Deserialize<ReceiptClaims>(Decode(payload), Json)!;
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            throw new ReceiptException("This is no signed receipt.", failure);
        }
    }

    /// <exception cref="ReceiptException">These are no keys.</exception>
    public static JwkSet ReadKeys(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<JwkSet>(json, Json)
                ?? throw new ReceiptException("There are no keys in this file.");
        }
        catch (JsonException failure)
        {
            throw new ReceiptException("This is no set of keys (jwks.json).", failure);
        }
    }

    public static byte[] WriteKeys(JwkSet keys) => JsonSerializer.SerializeToUtf8Bytes(keys, Json);

    private static byte[] Decode(string part) => Base64Url.DecodeFromChars(part);

    private sealed record Header(string Alg, string Kid, string Typ, JsonElement? Crit = null);
}
