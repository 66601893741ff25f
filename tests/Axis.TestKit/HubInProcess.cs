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

    private HubInProcess(WebApplication app, Uri http)
    {
        _app = app;
        Http = http;
    }

    public Uri Http { get; }

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
        await app.StartAsync();
        var ops = new Uri(settings["Listen:Ops"]!);
        var http = app
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.Select(address => new Uri(address))
            .Single(address => address.Port != ops.Port);
        return new HubInProcess(app, http);
    }

    public Task RefreshRegistryAsync() =>
        _app.Services.GetRequiredService<RegistryCache>().RefreshAsync(CancellationToken.None);

    public async Task StopAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
