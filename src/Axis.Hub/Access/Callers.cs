using Axis.Hub.Registry;

namespace Axis.Hub.Access;

/// <summary>From a proved holder to a caller, by the registry as it stands.</summary>
public static class Callers
{
    /// <summary>Null when the holder is locked or no longer registered.</summary>
    public static Caller? Find(RegistrySnapshot registry, Holder holder) =>
        holder.Kind switch
        {
            HolderKind.OfficeSystem => registry.OfficeSystem(holder.Id) is { IsActive: true } system
                ? new OfficeSystemCaller(system)
                : null,
            HolderKind.Operator => registry.Operator(holder.Id) is { IsActive: true } person
                ? new OperatorCaller(person.Id, person.Roles)
                : null,
            _ => null,
        };

    /// <summary>Whether what a token was given for is in force: a secret, key or certificate that is revoked ends it.</summary>
    /// <remarks>Of a token of another issuer the registry knows no proof; that issuer's lifetime ends it.</remarks>
    public static bool IsInForce(RegistrySnapshot registry, TokenProof token, DateTimeOffset at) =>
        token.By is not { } proof || registry.IsInForce(proof, token.Holder, at);

    public static bool IsActive(RegistrySnapshot registry, Holder holder) =>
        Find(registry, holder) is not null;
}
