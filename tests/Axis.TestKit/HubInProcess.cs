using Axis.Hub;
using Axis.Hub.Registry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Axis.TestKit;

public sealed class HubInProcess : IHubRun
{
    private readonly WebApplication _app;

    private HubInProcess(WebApplication app, Uri http, Uri? https, Uri? vxp)
    {
        _app = app;
        Http = http;
        Https = https;
        Vxp = vxp;
    }

    public Uri Http { get; }

    /// <summary>The VXP door's own address, if the settings gave it one.</summary>
    public Uri? Vxp { get; }

    /// <summary>The TLS listener, where the settings ask for one.</summary>
    public Uri? Https { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<HubInProcess> StartAsync(
        IReadOnlyDictionary<string, string?> settings,
        TimeProvider? clock
    )
    {
        var app = HubApplication.Build(
            [],
            builder =>
            {
                builder.Configuration.AddInMemoryCollection(settings);
                builder.Logging.ClearProviders();
                builder.Logging.AddProvider(new WarningsToError());
                builder.Logging.SetMinimumLevel(LogLevel.Warning);
                if (clock is not null)
                {
                    builder.Services.AddSingleton(clock);
                }
            }
        );
        try
        {
            await app.StartAsync();
        }
        catch
        {
            // What was started before the failure must not stand in the way of the next hub.
            await app.DisposeAsync();
            throw;
        }
        var ops = new Uri(settings["Listen:Ops"]!);
        // In the order in which the hub listens: the public address, and the one of the VXP door if there is one.
        var others = app
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.Select(address => new Uri(address))
            .Where(address => address.Port != ops.Port)
            .ToArray();
        Uri[] plain = [.. others.Where(address => address.Scheme == Uri.UriSchemeHttp)];
        return new HubInProcess(
            app,
            plain[0],
            others.SingleOrDefault(address => address.Scheme == Uri.UriSchemeHttps),
            plain.ElementAtOrDefault(1)
        );
    }

    public Task RefreshRegistryAsync() =>
        _app.Services.GetRequiredService<RegistryCache>().RefreshAsync(CancellationToken.None);

    public async Task StopAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
