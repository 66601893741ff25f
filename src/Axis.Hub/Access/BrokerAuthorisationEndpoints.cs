using Axis.Hub.Operations;

namespace Axis.Hub.Access;

/// <summary>
/// <c>/broker-auth/...</c>, on the operations listener only. The broker needs <c>auth_http.http_method = post</c>: GET
/// is not answered, because a secret in a URL ends up in logs.
/// </summary>
internal static class BrokerAuthorisationEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/broker-auth").OnOperationsListener().AllowAnonymous();
        group.MapPost(
            "/user",
            (HttpContext context, BrokerAuthorisation broker) =>
                AnswerAsync(
                    context,
                    (ask, form) =>
                        broker.MayLogIn(
                            ask("username"),
                            form.ContainsKey("password") ? ask("password") : null
                        )
                )
        );
        group.MapPost(
            "/vhost",
            (HttpContext context, BrokerAuthorisation broker) =>
                AnswerAsync(
                    context,
                    ask => broker.MayEnter(ask("username"), ask("vhost"), ask("ip"))
                )
        );
        group.MapPost(
            "/resource",
            (HttpContext context, BrokerAuthorisation broker) =>
                AnswerAsync(
                    context,
                    ask =>
                        broker.MayUse(
                            ask("username"),
                            ask("vhost"),
                            ask("resource"),
                            ask("name"),
                            ask("permission")
                        )
                )
        );
        group.MapPost(
            "/topic",
            (HttpContext context, BrokerAuthorisation broker) =>
                AnswerAsync(
                    context,
                    ask =>
                        broker.MayPublish(
                            ask("username"),
                            ask("vhost"),
                            ask("name"),
                            ask("permission"),
                            ask("routing_key")
                        )
                )
        );
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context,
        Func<Func<string, string>, bool> decide
    ) => await AnswerAsync(context, (ask, _) => decide(ask));

    private static async Task<IResult> AnswerAsync(
        HttpContext context,
        Func<Func<string, string>, IFormCollection, bool> decide
    )
    {
        if (!context.Request.HasFormContentType)
        {
            return Answer(allowed: false);
        }
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return Answer(decide(name => form[name].ToString(), form));
    }

    private static IResult Answer(bool allowed) => Results.Text(allowed ? "allow" : "deny");
}
