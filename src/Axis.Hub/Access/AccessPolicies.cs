using Axis.Hub.Registry;
using Microsoft.AspNetCore.Authorization;

namespace Axis.Hub.Access;

/// <summary>The policies endpoints ask for. Whatever asks for none still needs a token, unless it says otherwise.</summary>
public static class AccessPolicies
{
    public const string OfficeSystem = "office-system";
    public const string Viewer = "viewer";
    public const string Operator = "operator";
    public const string Registrar = "registrar";
    public const string Auditor = "auditor";

    internal static void Add(AuthorizationOptions options)
    {
        // Deny by default: an endpoint that forgets its policy is closed, not open.
        options.FallbackPolicy = new AuthorizationPolicyBuilder(BearerAuthentication.SchemeName)
            .RequireAuthenticatedUser()
            .Build();
        options.DefaultPolicy = options.FallbackPolicy;
        options.AddPolicy(
            OfficeSystem,
            policy => Require(policy, caller => caller is OfficeSystemCaller)
        );
        AddRole(options, Viewer, OperatorRoles.Viewer);
        AddRole(options, Operator, OperatorRoles.Operator);
        AddRole(options, Registrar, OperatorRoles.Registrar);
        AddRole(options, Auditor, OperatorRoles.Auditor);
    }

    private static void AddRole(AuthorizationOptions options, string name, OperatorRoles role) =>
        options.AddPolicy(
            name,
            policy =>
                Require(
                    policy,
                    caller => caller is OperatorCaller person && Permissions.CanUse(person, role)
                )
        );

    private static void Require(AuthorizationPolicyBuilder policy, Func<Caller?, bool> allows) =>
        policy
            .AddAuthenticationSchemes(BearerAuthentication.SchemeName)
            .RequireAuthenticatedUser()
            .RequireAssertion(context =>
                allows((context.Resource as HttpContext)?.Features.Get<Caller>())
            );
}
