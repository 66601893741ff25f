using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Axis.Signatures;

/// <summary>
/// A public key as JSON (RFC 7517), named by its own thumbprint (RFC 7638). P-256 keys sign with ES256, RSA keys with
/// PS256.
/// </summary>
public sealed record PublicJwk
{
    public const string Es256 = "ES256";
    public const string Ps256 = "PS256";
    public const int MinRsaKeySize = 2048;

    public required string Kty { get; init; }
    public required string Kid { get; init; }
    public required string Alg { get; init; }
    public string Use { get; init; } = "sig";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Crv { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? X { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Y { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? N { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? E { get; init; }

    /// <exception cref="CryptographicException">The key is neither P-256 nor RSA of 2048 bits or more.</exception>
    public static PublicJwk Of(AsymmetricAlgorithm key)
    {
        switch (key)
        {
            case ECDsa ecdsa when ecdsa.ExportParameters(false).Q is { X.Length: 32 } point:
                var (x, y) = (
                    Base64Url.EncodeToString(point.X),
                    Base64Url.EncodeToString(point.Y!)
                );
                return new PublicJwk
                {
                    Kty = "EC",
                    Alg = Es256,
                    Crv = "P-256",
                    X = x,
                    Y = y,
                    // RFC 7638 section 3: the required members in this order, without white space.
                    Kid = Thumbprint($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}"""),
                };
            case RSA { KeySize: >= MinRsaKeySize } rsa:
                var parameters = rsa.ExportParameters(false);
                var (n, e) = (
                    Base64Url.EncodeToString(parameters.Modulus!),
                    Base64Url.EncodeToString(parameters.Exponent!)
                );
                return new PublicJwk
                {
                    Kty = "RSA",
                    Alg = Ps256,
                    N = n,
                    E = e,
                    Kid = Thumbprint($$"""{"e":"{{e}}","kty":"RSA","n":"{{n}}"}"""),
                };
            default:
                throw new CryptographicException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"A P-256 key or an RSA key of {MinRsaKeySize} bits or more was expected."
                    )
                );
        }
    }

    /// <summary>Whether this key made a signature, by the algorithm that belongs to it and no other.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            if (Kty == "EC" && Crv == "P-256")
            {
                using var ecdsa = ECDsa.Create(
                    new ECParameters
                    {
                        Curve = ECCurve.NamedCurves.nistP256,
                        Q = new ECPoint { X = Bytes(X), Y = Bytes(Y) },
                    }
                );
                return ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256);
            }
            if (Kty == "RSA")
            {
                using var rsa = RSA.Create(
                    new RSAParameters { Modulus = Bytes(N), Exponent = Bytes(E) }
                );
                return rsa.KeySize >= MinRsaKeySize
                    && rsa.VerifyData(
                        data,
                        signature,
                        HashAlgorithmName.SHA256,
                        RSASignaturePadding.Pss
                    );
            }
            return false;
        }
        catch (Exception failure) when (failure is CryptographicException or FormatException)
        {
            return false;
        }
    }

    private static byte[] Bytes(string? encoded) => Base64Url.DecodeFromChars(encoded ?? "");

    private static string Thumbprint(string json) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
}

/// <summary>Public keys as <c>/.well-known/jwks.json</c> gives them.</summary>
public sealed record JwkSet(IReadOnlyList<PublicJwk> Keys);
