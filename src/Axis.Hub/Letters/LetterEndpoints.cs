using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;

namespace Axis.Hub.Letters;

/// <summary>Letters by what people remember of them, for office systems and for operators.</summary>
public static class LetterEndpoints
{
    public static IServiceCollection AddLetters(this IServiceCollection services) =>
        services.AddSingleton<LetterSearch>().AddHostedService<WordsMerge>();

    public static void MapLetters(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet(
                "/v1/letters",
                (
                    HttpContext context,
                    OfficeSystemCaller caller,
                    LetterSearch letters,
                    RegistryCache registry
                ) => FindAsync(context, Permissions.Letters(caller.OfficeSystem), letters, registry)
            )
            .RequireAuthorization(AccessPolicies.OfficeSystem);
        routes
            .MapGroup("/ops/v1")
            .OnOperationsListener()
            .MapGet(
                "/letters",
                (
                    HttpContext context,
                    OperatorCaller caller,
                    LetterSearch letters,
                    RegistryCache registry
                ) => FindAsync(context, Permissions.Letters(caller), letters, registry)
            )
            .RequireAuthorization(AccessPolicies.Viewer);
    }

    private static async Task<IResult> FindAsync(
        HttpContext context,
        Sees sees,
        LetterSearch letters,
        RegistryCache registry
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var query = LetterQuery.Read(given, registry.Current);
        // Everybody's letters have no direction.
        if (sees.IsEverything && query.Direction is not null)
        {
            given.Refuse<string>(
                "direction",
                "",
                new Words("sender or recipient instead", "sender hoặc recipient thay cho nó")
            );
        }
        return given.Errors.Count > 0
            ? Problem.Of(given.Errors).ToResult()
            : Results.Json(
                await letters.FindAsync(query, sees, context.RequestAborted),
                HubJson.Options
            );
    }
}
