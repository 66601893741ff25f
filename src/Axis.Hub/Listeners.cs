using System.ComponentModel.DataAnnotations;
using System.Net;
using Axis.Hub.Operations;
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
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, listen.Http, _ => { });
            Listen(kestrel, listen.Ops, listener => listener.AsOperationsListener());
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
