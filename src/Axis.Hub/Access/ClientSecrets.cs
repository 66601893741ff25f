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
        new byte[SHA256.HashSizeInBytes],
        DateTimeOffset.MinValue
    );

    public static string Create() =>
        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>
    /// Whose secret it is; null for an unknown client and a wrong secret alike. A locked holder is still named: that
    /// its secret is right does not mean that it may do anything.
    /// </summary>
    public static Holder? Check(
        RegistrySnapshot registry,
        string clientId,
        string secret,
        DateTimeOffset at
    )
    {
        var presented = HashOf(secret);
        var asOfficeSystem = IsOneOf(registry.CredentialsOfOfficeSystem(clientId), presented, at);
        var asOperator = IsOneOf(registry.CredentialsOfOperator(clientId), presented, at);
        return asOfficeSystem ? new Holder(HolderKind.OfficeSystem, clientId)
            : asOperator ? new Holder(HolderKind.Operator, clientId)
            : null;
    }

    private static bool IsOneOf(
        IReadOnlyList<Credential> credentials,
        byte[] presented,
        DateTimeOffset at
    )
    {
        var found = CryptographicOperations.FixedTimeEquals(Nobody.SecretSha256.Span, presented);
        foreach (var credential in credentials)
        {
            found |=
                CryptographicOperations.FixedTimeEquals(credential.SecretSha256.Span, presented)
                & at < credential.NotAfter;
        }
        return found & credentials.Count > 0;
    }
}
