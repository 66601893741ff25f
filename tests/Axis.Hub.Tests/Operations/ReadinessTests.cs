using System.Net;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Axis.Hub.Tests.Operations;

public sealed class ReadinessTests
{
    // A port that nobody listens on.
    private const string NoBroker = "amqp://guest:guest@127.0.0.1:1/";

    [Test]
    public async Task Without_its_broker_the_hub_is_not_ready_and_says_so()
    {
        await using var hub = await TestHub.StartAsync(
            LocalServersSetUp.Servers,
            settings: ("Broker:Uri", NoBroker)
        );
        using var room = new HttpClient { BaseAddress = hub.Ops };
        var answer = await room.GetAnswerAsync("health/ready");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(answer.Json.GetProperty("status").GetString(), Is.EqualTo("not_ready"));
        // Another check that takes longer than two seconds has failed too, and the next may not.
        await Eventually.HoldsAsync(async () =>
            (await room.GetAnswerAsync("health/ready"))
                .Json.GetProperty("checks")
                .EnumerateArray()
                .Where(check => check.GetProperty("status").GetString() == "failed")
                .Select(check => check.GetProperty("name").GetString())
                .SequenceEqual(["rabbitmq"])
        );
        Assert.That(
            (await room.GetAnswerAsync("health/live")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
    }

    [Test]
    public async Task It_stays_ready_without_its_broker_where_that_is_wanted_and_without_a_collector()
    {
        await using var hub = await TestHub.StartAsync(
            LocalServersSetUp.Servers,
            settings:
            [
                ("Broker:Uri", NoBroker),
                ("Operations:ReadyWithoutBroker", "true"),
                ("Telemetry:OtlpEndpoint", "http://127.0.0.1:1"),
            ]
        );
        using var room = new HttpClient { BaseAddress = hub.Ops };
        await Eventually.HoldsAsync(async () =>
            (await room.GetAnswerAsync("health/ready")).Status == HttpStatusCode.OK
        );
    }

    [Test]
    public async Task A_hub_that_stops_takes_nothing_new()
    {
        await using var hub = await TestHub.StartAsync(LocalServersSetUp.Servers);
        var readiness = hub.Services.GetRequiredService<Axis.Hub.Operations.Readiness>();
        hub.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var report = await readiness.CheckAsync(CancellationToken.None);
        Assert.That(report.Status, Is.EqualTo(Axis.Hub.Operations.ReadinessStatus.NotReady));
        Assert.That(
            report.Checks.Single(check => check.Name == "running").Status,
            Is.EqualTo(Axis.Hub.Operations.CheckStatus.Failed)
        );
    }
}
