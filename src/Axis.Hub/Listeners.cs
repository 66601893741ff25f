using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Authentication;
using System.Text;
using Axis.Hub.Operations;
using Axis.Hub.Vxp;
using Axis.Vxp;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Axis.Hub;

/// <summary>Where the hub listens: vendors on one address, the machine room on the other.</summary>
public sealed class ListenerOptions : IValidatableObject
{
    public const string Section = "Listen";

    /// <summary>The public listener, e.g. http://0.0.0.0:8080.</summary>
    [Required]
    public Uri Http { get; set; } = new("http://127.0.0.1:8080");

    /// <summary>
    /// The public listener with TLS, e.g. https://0.0.0.0:8443; none when absent. Clients may show a certificate here.
    /// </summary>
    public Uri? Https { get; set; }

    /// <summary>PEM file of the certificate for <see cref="Https"/>, with its chain. Read again when it changes.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>PEM file of its private key.</summary>
    public string CertificateKeyFile { get; set; } = "";

    /// <summary>The operations listener: health, metrics, broker authorisation, ops API. Loopback by default.</summary>
    [Required]
    public Uri Ops { get; set; } = new("http://127.0.0.1:8081");

    /// <summary>
    /// An address of its own for clients of the national axis' SDK, whatever path they are configured with. Without one
    /// they use /vxp of the public listener.
    /// </summary>
    public Uri? Vxp { get; set; }

    /// <summary>
    /// Networks of the reverse proxies whose X-Forwarded-For is believed, beside loopback, e.g. 10.1.2.0/24. Whoever
    /// else sends that header is taken for himself.
    /// </summary>
    public IList<string> KnownProxies { get; set; } = [];

    /// <summary>Connections at a time; those beyond are closed at once.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Bytes of all headers of a request.</summary>
    [Range(1024, 1024 * 1024)]
    public int MaxHeaderBytes { get; set; } = 16 * 1024;

    /// <summary>How long the headers of a request may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Bytes a second that a body must come with, after <see cref="BodyGrace"/>: a body that trickles holds a connection
    /// and a spool for nothing.
    /// </summary>
    [Range(1, 1_000_000)]
    public double MinBodyBytesPerSecond { get; set; } = 240;

    [Range(typeof(TimeSpan), "00:00:02", "00:05:00")]
    public TimeSpan BodyGrace { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            Https is not null
            && (!File.Exists(CertificateFile) || !File.Exists(CertificateKeyFile))
        )
        {
            yield return new(
                $"{Section}:{nameof(Https)} needs {nameof(CertificateFile)} and {nameof(CertificateKeyFile)}."
            );
        }
        foreach (
            var proxy in KnownProxies.Where(proxy => !System.Net.IPNetwork.TryParse(proxy, out _))
        )
        {
            yield return new(
                $"{Section}:{nameof(KnownProxies)}: {proxy} is no network such as 10.1.2.0/24."
            );
        }
    }
}

public static class Listeners
{
    private const int MaxHeaders = 60;

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
            Limit(kestrel.Limits, listen);
            // Signed headers hold the recipients twice; the limit of a server is one for all its listeners.
            kestrel.Limits.MaxRequestHeadersTotalSize = Math.Max(
                listen.MaxHeaderBytes,
                vxp.MaxHeaderBytes
            );
            kestrel.Limits.MaxRequestBufferSize = Math.Max(1024 * 1024, 2 * vxp.MaxHeaderBytes);
            // One character a byte: a signature is over the bytes that were received, and only so are they all there.
            kestrel.RequestHeaderEncodingSelector = name =>
                name.StartsWith(VxpNames.Prefix, StringComparison.OrdinalIgnoreCase)
                    ? Encoding.Latin1
                    : null!;
            Listen(kestrel, listen.Http, _ => { });
            if (listen.Https is { } secure)
            {
                Listen(kestrel, secure, listener => UseTls(listener, listen));
            }
            Listen(kestrel, listen.Ops, listener => listener.AsOperationsListener());
            if (listen.Vxp is { } address)
            {
                Listen(kestrel, address, listener => listener.AsVxpListener());
            }
        });
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
            foreach (var proxy in listen.KnownProxies)
            {
                if (System.Net.IPNetwork.TryParse(proxy, out var network))
                {
                    options.KnownIPNetworks.Add(network);
                }
            }
        });
    }

    private static void Limit(KestrelServerLimits limits, ListenerOptions listen)
    {
        limits.MaxConcurrentConnections = listen.MaxConnections;
        limits.MaxRequestHeadersTotalSize = listen.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.RequestHeadersTimeout = listen.HeadersTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(
            listen.MinBodyBytesPerSecond,
            listen.BodyGrace
        );
    }

    private static void UseTls(ListenOptions listener, ListenerOptions listen)
    {
        var own = new ServerCertificate(listen.CertificateFile, listen.CertificateKeyFile);
        listener.UseHttps(https =>
        {
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            https.ServerCertificateSelector = (_, _) => own.Current.TargetCertificate;
            // With its chain, which a selector cannot give.
            https.OnAuthenticate = (_, tls) =>
            {
                tls.ServerCertificateSelectionCallback = null;
                tls.ServerCertificateContext = own.Current;
                // Each connection proves its client's certificate anew.
                tls.AllowTlsResume = false;
            };
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            // TLS proves that the client has the key. Whose certificate it is says the registry, which knows it to the
            // byte (RFC 8705 section 2.2): no authority can make another one that passes for it.
            https.AllowAnyClientCertificate();
        });
    }

    private static void Listen(
        KestrelServerOptions kestrel,
        Uri address,
        Action<ListenOptions> configure
    )
    {
        if (!address.IsAbsoluteUri)
        {
            throw new UnusableSettingException(
                $"Listen: an address such as http://127.0.0.1:8080 was expected, not {address}."
            );
        }
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
