using Axis.Hub.Operations;

namespace Axis.Hub.Access;

/// <summary>
/// <c>/broker-auth/...</c>, on the operations listener only. Set <c>auth_http.http_method = post</c> in the broker:
/// the login is not answered over GET, because a secret in a URL ends up in logs.
/// </summary>
internal static class BrokerAuthorisationEndpoints
{
    private static readonly string[] PostOrGet = [HttpMethods.Post, HttpMethods.Get];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/broker-auth").OnOperationsListener().AllowAnonymous();
        group.MapPost(
            "/user",
            (HttpContext context, BrokerAuthorisation broker) =>
                AnswerAsync(context, ask => broker.MayLogIn(ask("username"), ask("password")))
        );
        group.MapMethods(
            "/vhost",
            PostOrGet,
            (HttpContext context, BrokerAuthorisation broker) =>
                AnswerAsync(context, ask => broker.MayEnter(ask("username"), ask("vhost")))
        );
        group.MapMethods(
            "/resource",
            PostOrGet,
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
        group.MapMethods(
            "/topic",
            PostOrGet,
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
    )
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            var query = context.Request.Query;
            return Answer(decide(name => query[name].ToString()));
        }
        if (!context.Request.HasFormContentType)
        {
            return Answer(allowed: false);
        }
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return Answer(decide(name => form[name].ToString()));
    }

    private static IResult Answer(bool allowed) => Results.Text(allowed ? "allow" : "deny");
}
