using Axis.Hub.Trust.Receipts;
using Axis.Signatures;

namespace Axis.Hub.Trust;

/// <summary><c>/.well-known/jwks.json</c>: the public keys that signed receipts are verified with.</summary>
public static class JwksEndpoint
{
    public const string MediaType = "application/jwk-set+json";

    public static void MapJwks(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet(
                "/.well-known/jwks.json",
                (HttpContext context, ReceiptKeys keys) =>
                {
                    context.Response.Headers.CacheControl = "public, max-age=300";
                    return Results.Bytes(SignedReceipt.WriteKeys(keys.PublicKeys), MediaType);
                }
            )
            .AllowAnonymous();
}
