using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Axis.Hub.Vxp;

/// <summary>
/// The door's own address, if it has one. Nothing else is served there. The mark is put on the connection by the
/// listener that took it, so no header can forge it.
/// </summary>
public static class VxpListener
{
    public static ListenOptions AsVxpListener(this ListenOptions listener)
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

    public static bool IsOn(HttpContext context) => context.Features.Get<Mark>() is not null;

    private sealed class Mark
    {
        public static readonly Mark Instance = new();
    }
}
