using Axis.Hub.Registry;

namespace Axis.Hub.Access;

/// <summary>
/// What a registered proof is called in a token (claim <c>prf</c>), so that the token ends with it: the row of a secret,
/// never anything made from the secret itself, or the digest of a public key or certificate.
/// </summary>
public static class ProofName
{
    public static string Of(Credential credential) => $"secret:{credential.Id:N}";

    public static string Of(ClientKey key) =>
        $"key:{Convert.ToHexStringLower(key.Thumbprint.Span)}";
}

/// <summary>Who proved himself, and by which registered proof (<see cref="ProofName"/>).</summary>
public readonly record struct Proved(Holder Holder, string By);
