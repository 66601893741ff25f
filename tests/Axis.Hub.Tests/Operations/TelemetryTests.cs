using System.Collections.Concurrent;
using Axis.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Axis.Hub.Tests.Operations;

public sealed class TelemetryTests
{
    [Test]
    public async Task Traces_metrics_and_logs_reach_a_collector_when_one_is_configured()
    {
        var received = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        collector.MapPost(
            "/v1/{signal}",
            async (string signal, HttpRequest request) =>
            {
                using var body = new MemoryStream();
                await request.Body.CopyToAsync(body);
                received.AddOrUpdate(signal, body.Length, (_, sum) => sum + body.Length);
                return Results.Ok();
            }
        );
        await collector.StartAsync();

        await using (
            var hub = await TestProvince.StartAsync(
                LocalServersSetUp.Servers,
                settings:
                [
                    ("Telemetry:OtlpEndpoint", collector.Urls.Single()),
                    ("Telemetry:OtlpProtocol", "HttpProtobuf"),
                ]
            )
        )
        {
            using var office = await hub.ClientAsync("office");
            await office.SubmitAsync(
                new Letter(TestProvince.Office, TestProvince.Commune).Signed()
            );
            hub.Services.GetRequiredService<ILoggerFactory>()
                .CreateLogger<TelemetryTests>()
                .LogWarning("A line for the collector");
        }

        Assert.That(received.Keys, Is.EquivalentTo(new[] { "traces", "metrics", "logs" }));
        Assert.That(received.Values, Is.All.Positive);
    }
}
