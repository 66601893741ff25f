using System.Security.Cryptography;
using Axis.Hub.Access.Issuers;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Access;

/// <summary>
/// Every bearer token that is taken, whoever issued it; and, for one that is bound to a certificate, the certificate on
/// the connection that it came by.
/// </summary>
public sealed class PresentedTokens(AccessTokens own, ExternalTokens external)
{
    /// <summary>
    /// Whose the token is, and by which proof; null when it proves nothing here. Whether holder and proof are still in force
    /// is not asked yet.
    /// </summary>
    public async Task<TokenProof?> ProofOfAsync(HttpContext context, string token)
    {
        var proof =
            await own.ValidateAsync(token)
            ?? await external.ValidateAsync(token, context.RequestAborted);
        return
            proof is { } proved
            && (
                proved.CertificateSha256 is null
                || proved.CertificateSha256 == CertificateOf(context)
            )
            ? proved
            : null;
    }

    /// <summary>SHA-256 of the client's certificate in base64url; null without one. TLS has proved that it has the key.</summary>
    public static string? CertificateOf(HttpContext context) =>
        context.Connection.ClientCertificate is { } certificate
            ? Base64UrlEncoder.Encode(SHA256.HashData(certificate.RawData))
            : null;
}
