using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Axis.Hub.Registry;

namespace Axis.Hub.Access;

/// <summary>Client secrets: 256 random bits as base64url, of which only the SHA-256 is kept.</summary>
public static class ClientSecrets
{
    private const int SecretBytes = 32;

    // What an unknown client is compared with, so that it costs what a wrong secret costs.
    private static readonly Credential Nobody = new(
        Guid.Empty,
        new byte[SHA256.HashSizeInBytes],
        DateTimeOffset.MinValue
    );

    public static string Create() =>
        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>
    /// Whose secret it is, and which of his; null for an unknown client and a wrong secret alike. A locked holder is still
    /// named: that its secret is right does not mean that it may do anything.
    /// </summary>
    public static Proved? Check(
        RegistrySnapshot registry,
        string clientId,
        string secret,
        DateTimeOffset at
    )
    {
        var presented = HashOf(secret);
        var asOfficeSystem = Find(registry.CredentialsOfOfficeSystem(clientId), presented, at);
        var asOperator = Find(registry.CredentialsOfOperator(clientId), presented, at);
        return (asOfficeSystem, asOperator) switch
        {
            ({ } own, _) => new(new(HolderKind.OfficeSystem, clientId), ProofName.Of(own)),
            (_, { } own) => new(new(HolderKind.Operator, clientId), ProofName.Of(own)),
            _ => null,
        };
    }

    private static Credential? Find(
        IReadOnlyList<Credential> credentials,
        byte[] presented,
        DateTimeOffset at
    )
    {
        // Whether a secret is right shows in the answer anyway; how near a wrong one was must not.
        _ = CryptographicOperations.FixedTimeEquals(Nobody.SecretSha256.Span, presented);
        Credential? found = null;
        foreach (var credential in credentials)
        {
            if (
                CryptographicOperations.FixedTimeEquals(credential.SecretSha256.Span, presented)
                & at < credential.NotAfter
            )
            {
                found = credential;
            }
        }
        return found;
    }
}
