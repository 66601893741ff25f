using Axis.Hub.Registry;

namespace Axis.Hub.Access;

/// <summary>
/// Who a request is from, as proved by its token and as the registry stands at this moment. Endpoints take the kind
/// they serve as a parameter; the policy of their group has made sure of it before.
/// </summary>
public abstract record Caller
{
    private protected Caller() { }

    /// <summary>The office system's or operator's id.</summary>
    public abstract string Id { get; }

    /// <summary>The token that the request came with; null when it came without one.</summary>
    public TokenProof? Token { get; init; }

    internal static ValueTask<T?> FromAsync<T>(HttpContext context)
        where T : Caller => ValueTask.FromResult(context.Features.Get<Caller>() as T);
}

public sealed record OfficeSystemCaller(OfficeSystem OfficeSystem) : Caller
{
    public override string Id => OfficeSystem.Id;

    public static ValueTask<OfficeSystemCaller?> BindAsync(HttpContext context) =>
        FromAsync<OfficeSystemCaller>(context);
}

public sealed record OperatorCaller(string OperatorId, OperatorRoles Roles) : Caller
{
    public override string Id => OperatorId;

    public static ValueTask<OperatorCaller?> BindAsync(HttpContext context) =>
        FromAsync<OperatorCaller>(context);
}
