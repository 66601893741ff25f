using System.Text;
using Axis.TestKit;

namespace Axis.Hub.Tests.Contracts;

/// <summary>
/// Every operation is asked, rightly and wrongly. The assertions are in the clients: <see cref="ContractHandler"/> throws
/// at the first answer that the contract does not describe.
/// </summary>
public sealed class ConversationTests
{
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOperatorAsync("watch", "viewer", "auditor");
    }

    [OneTimeTearDown]
    public Task StopAsync() => _hub.DisposeAsync().AsTask();

    [Test]
    public async Task An_office_system_asks_everything_rightly_and_wrongly()
    {
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");
        using var stranger = _hub.AnonymousClient();
        var letter = new Letter(
            TestProvince.Office,
            TestProvince.Commune,
            TestProvince.Department,
            TestProvince.MinistryOld
        );

        var receipt = await office.SubmitAsync(letter.Signed());
        await office.SubmitAsync(letter.Signed());
        await office.SubmitAsync((letter with { Subject = "Khác" }).Signed());
        await office.SubmitAsync(new Letter(TestProvince.Office, "H99.77").Unsigned());
        await office.SubmitAsync(new Letter(TestProvince.Commune, TestProvince.Office).Unsigned());
        await office.SubmitAsync([]);
        await stranger.SubmitAsync(letter.Signed());

        var packageId = receipt.Json.GetProperty("packageId").GetString();
        var delivery = receipt
            .Json.GetProperty("deliveries")[0]
            .GetProperty("deliveryId")
            .GetString();
        await commune.GetAnswerAsync("v1/inbox");
        await commune.GetAnswerAsync("v1/inbox?limit=0");
        await commune.GetAnswerAsync("v1/inbox?wait=56");
        await commune.GetAnswerAsync($"v1/inbox/{delivery}/content");
        await office.GetAnswerAsync($"v1/inbox/{delivery}/content");
        await TellAsync(commune, $"v1/inbox/{delivery}/ack");
        await TellAsync(office, $"v1/inbox/{delivery}/ack");

        foreach (var code in (string[])["01", "03", "01", "99"])
        {
            await commune.SubmitAsync(
                new Report(TestProvince.Commune, code, TestProvince.Office, letter.DocumentId)
                {
                    Timestamp = $"2026/11/20 09:00:{(code == "01" ? "01" : "02")}",
                }.Bytes()
            );
        }
        await TellAsync(
            commune,
            $"v1/deliveries/{delivery}/status",
            """{"status":"04","description":"Phân công xử lý","staff":{"name":"Lê Thị Chi"}}"""
        );
        await TellAsync(commune, $"v1/deliveries/{delivery}/status", """{"status":"07"}""");
        await TellAsync(commune, $"v1/deliveries/{delivery}/status", "<status/>");
        await TellAsync(commune, $"v1/deliveries/{delivery}/status");
        await TellAsync(office, $"v1/deliveries/{delivery}/status", """{"status":"04"}""");
        await TellAsync(stranger, $"v1/deliveries/{delivery}/status", """{"status":"04"}""");
        var recall = await office.SubmitAsync((letter with { Business = 1 }).Signed());
        Assert.That(recall.Json.GetProperty("effects").GetArrayLength(), Is.EqualTo(3));
        await TellAsync(commune, $"v1/deliveries/{delivery}/status", """{"status":"15"}""");
        await commune.GetAnswerAsync($"v1/inbox/{delivery}/content");
        var events = await office.GetAnswerAsync("v1/events?wait=5");
        var eventId = events.Json.GetProperty("items")[0].GetProperty("id").GetString();
        await office.GetAnswerAsync($"v1/events/{eventId}/content");
        await commune.GetAnswerAsync($"v1/events/{eventId}/content");
        await TellAsync(office, "v1/events/ack", $$"""{"ids":["{{eventId}}"]}""");
        await TellAsync(office, "v1/events/ack", """{"ids":[]}""");

        await office.GetAnswerAsync($"v1/packages/{packageId}");
        await commune.GetAnswerAsync($"v1/packages/{packageId}");
        await commune.GetAnswerAsync($"v1/packages/{Guid.CreateVersion7()}");
        await office.GetAnswerAsync($"v1/packages/{packageId}/content");
        await office.GetAnswerAsync($"v1/documents?number={letter.Number}/UBND-VP");
        await office.GetAnswerAsync("v1/documents");
        await stranger.GetAnswerAsync("v1/documents?number=1");
        await stranger.GetAnswerAsync("openapi.yaml");
        await stranger.GetAnswerAsync("asyncapi.yaml");
    }

    [Test]
    public async Task An_operator_asks_everything_rightly_and_wrongly()
    {
        using var office = await _hub.ClientAsync("office");
        using var watch = await _hub.ClientAsync("watch", ops: true);
        using var intruder = await _hub.ClientAsync("office", ops: true);
        var letter = new Letter(TestProvince.Office, TestProvince.Commune, TestProvince.Ministry);
        await office.SubmitAsync(letter.Signed());
        await office.SubmitAsync(letter.Unsigned());

        await watch.GetAnswerAsync($"ops/v1/documents?q={letter.Number}/UBND-VP");
        await watch.GetAnswerAsync("ops/v1/documents");
        await watch.GetAnswerAsync("ops/v1/deliveries");
        await watch.GetAnswerAsync("ops/v1/deliveries?state=dispatched&limit=1");
        await watch.GetAnswerAsync("ops/v1/deliveries?state=lost");
        await watch.GetAnswerAsync("ops/v1/routes");
        await watch.GetAnswerAsync("ops/v1/agencies/000.00.00.H99");
        await watch.GetAnswerAsync("ops/v1/agencies/H98");
        await watch.GetAnswerAsync("ops/v1/audit?limit=5");
        await intruder.GetAnswerAsync("ops/v1/routes");
        await watch.GetAnswerAsync("health/ready");
        await watch.GetAnswerAsync("health/live");
        await watch.GetAnswerAsync("metrics");
    }

    private static async Task TellAsync(HttpClient client, string path, string? json = null)
    {
        using var content = json is null
            ? null
            : new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
    }
}
