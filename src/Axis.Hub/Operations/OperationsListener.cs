using Axis.Hub.Errors;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Axis.Hub.Operations;

/// <summary>
/// Keeps machine-room endpoints off the public listener. The mark is put on the connection by the listener that took
/// it, so neither a Host header nor a forwarded port can forge it.
/// </summary>
public static class OperationsListener
{
    /// <summary>Makes a Kestrel endpoint the operations listener.</summary>
    public static ListenOptions AsOperationsListener(this ListenOptions listener)
    {
        listener.Use(next =>
            connection =>
            {
                connection.Features.Set(Mark.Instance);
                return next(connection);
            }
        );
        return listener;
    }

    /// <summary>On any other listener the endpoint does not exist.</summary>
    public static TBuilder OnOperationsListener<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(
            async (invocation, next) =>
                IsOn(invocation.HttpContext)
                    ? await next(invocation)
                    : Problem.Of(RequestErrors.NotFound.At(null, null, "resource")).ToResult()
        );

    public static bool IsOn(HttpContext context) => context.Features.Get<Mark>() is not null;

    private sealed class Mark
    {
        public static readonly Mark Instance = new();
    }
}
