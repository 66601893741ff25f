using Axis.Hub.Errors;

namespace Axis.Hub.Access;

/// <summary>2000–2999: identity and access.</summary>
public static class AccessErrors
{
    public static IReadOnlyList<HubError> All { get; } = [];
}
