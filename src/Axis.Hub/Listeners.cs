using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text;
using Axis.Hub.Operations;
using Axis.Hub.Vxp;
using Axis.Vxp;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Axis.Hub;

/// <summary>Where the hub listens: vendors on one address, the machine room on the other.</summary>
public sealed class ListenerOptions
{
    public const string Section = "Listen";

    /// <summary>The public listener, e.g. http://0.0.0.0:8080.</summary>
    [Required]
    public Uri Http { get; set; } = new("http://127.0.0.1:8080");

    /// <summary>The operations listener: health, metrics, broker authorisation, ops API. Loopback by default.</summary>
    [Required]
    public Uri Ops { get; set; } = new("http://127.0.0.1:8081");

    /// <summary>
    /// An address of its own for clients of the national axis' SDK, whatever path they are configured with. Without one
    /// they use /vxp of the public listener.
    /// </summary>
    public Uri? Vxp { get; set; }
}

public static class Listeners
{
    public static void AddListeners(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddOptions<ListenerOptions>()
            .BindConfiguration(ListenerOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        var listen =
            builder.Configuration.GetSection(ListenerOptions.Section).Get<ListenerOptions>()
            ?? new();
        var vxp = builder.Configuration.GetSection(VxpOptions.Section).Get<VxpOptions>() ?? new();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Signed headers hold the recipients twice; the limit of a server is one for all its listeners.
            kestrel.Limits.MaxRequestHeadersTotalSize = vxp.MaxHeaderBytes;
            kestrel.Limits.MaxRequestBufferSize = Math.Max(1024 * 1024, 2 * vxp.MaxHeaderBytes);
            // One character a byte: a signature is over the bytes that were received, and only so are they all there.
            kestrel.RequestHeaderEncodingSelector = name =>
                name.StartsWith(VxpNames.Prefix, StringComparison.OrdinalIgnoreCase)
                    ? Encoding.Latin1
                    : null!;
            Listen(kestrel, listen.Http, _ => { });
            Listen(kestrel, listen.Ops, listener => listener.AsOperationsListener());
            if (listen.Vxp is { } address)
            {
                Listen(kestrel, address, listener => listener.AsVxpListener());
            }
        });
    }

    private static void Listen(
        KestrelServerOptions kestrel,
        Uri address,
        Action<ListenOptions> configure
    )
    {
        if (IPAddress.TryParse(address.Host, out var ip))
        {
            kestrel.Listen(ip, address.Port, configure);
        }
        else if (address.IsLoopback)
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
        else
        {
            kestrel.ListenAnyIP(address.Port, configure);
        }
    }
}
