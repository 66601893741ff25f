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
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(Only.Instance);

    /// <summary>
    /// Between routing and authentication: whoever asks for the machine room elsewhere is told that there is no such
    /// thing, whoever he is.
    /// </summary>
    public static void UseOperationsListener(this WebApplication app) =>
        app.Use(
            (context, next) =>
            {
                if (
                    context.GetEndpoint()?.Metadata.GetMetadata<Only>() is not null
                    && !IsOn(context)
                )
                {
                    context.SetEndpoint(null);
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                }
                return next(context);
            }
        );

    public static bool IsOn(HttpContext context) => context.Features.Get<Mark>() is not null;

    private sealed class Only
    {
        public static readonly Only Instance = new();
    }

    private sealed class Mark
    {
        public static readonly Mark Instance = new();
    }
}
