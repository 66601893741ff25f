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

    public static bool IsActive(RegistrySnapshot registry, Holder holder) =>
        Find(registry, holder) is not null;
}
