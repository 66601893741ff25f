using System.Net.Http.Headers;
using System.Text;

namespace Axis.Hub.Access;

/// <summary>What a client shows at the token endpoint. Exactly one way (RFC 6749 section 2.3).</summary>
internal abstract record ClientCredentials(string ClientId)
{
    public sealed record Secret(string ClientId, string Value) : ClientCredentials(ClientId);

    /// <param name="ClientId">As the assertion says, before it is proved.</param>
    /// <param name="Jwt">The assertion.</param>
    public sealed record Assertion(string ClientId, string Jwt) : ClientCredentials(ClientId);

    /// <summary>Nothing but the certificate on the connection (RFC 8705 section 2).</summary>
    public sealed record Certificate(string ClientId) : ClientCredentials(ClientId);

    public static ClientCredentials? FromBasic(HttpRequest request)
    {
        if (
            !AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            || header.Parameter is null
        )
        {
            return null;
        }
        var bytes = new byte[header.Parameter.Length];
        if (!Convert.TryFromBase64String(header.Parameter, bytes, out var length))
        {
            return null;
        }
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
        return colon <= 0
            ? null
            : new Secret(
                System.Net.WebUtility.UrlDecode(pair[..colon]),
                System.Net.WebUtility.UrlDecode(pair[(colon + 1)..])
            );
    }

    public static ClientCredentials? FromForm(
        IFormCollection form,
        Func<string, string?> issuerOf,
        bool hasCertificate
    )
    {
        var id = form["client_id"] is [{ Length: > 0 } given] ? given : null;
        if (form["client_assertion"] is [{ Length: > 0 } jwt])
        {
            // RFC 7521 section 4.2: a client_id beside the assertion must be the same.
            return
                form["client_assertion_type"] == Keys.ClientAssertions.Type
                && issuerOf(jwt) is { } issuer
                && (id is null || id == issuer)
                ? new Assertion(issuer, jwt)
                : null;
        }
        if (id is null)
        {
            return null;
        }
        if (form["client_secret"] is [{ Length: > 0 } secret])
        {
            return new Secret(id, secret);
        }
        return hasCertificate && !form.ContainsKey("client_secret") ? new Certificate(id) : null;
    }
}
