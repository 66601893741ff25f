using System.Net;
using Axis.Hub.Registry;
using Axis.LocalServers;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>
/// Two provinces that both run Axis, without a national axis between them: H99 calls, H37 is called. Documents and statuses
/// go both ways with their bytes, and a hub that is killed in between loses nothing and doubles nothing.
/// </summary>
public sealed class PeerTests
{
    private const string There = "H37";
    private const string ThereToo = "H37.01";
    private const string Caller = "peer-h99";

    private TestHub _called = null!;
    private TestHub _caller = null!;
    private string _secretFile = "";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _called = await TestHub.StartAsync(
            LocalServersSetUp.Servers,
            asProcess: true,
            settings: (
                "Listen:Ops",
                $"http://127.0.0.1:{LoopbackPorts.Choose(0, new HashSet<int>())}"
            )
        );
        await _called.AddAgencyAsync(There, "000.00.00.H37");
        await _called.AddAgencyAsync(ThereToo);
        foreach (
            var code in (string[])
                [TestProvince.Office, TestProvince.Department, TestProvince.Commune]
        )
        {
            await _called.AddAgencyAsync(code);
        }
        await _called.AddOfficeSystemAsync(
            "far-office",
            Door.Http,
            SignaturePolicy.Record,
            There,
            ThereToo
        );
        await _called.AddOfficeSystemAsync(
            Caller,
            Door.Http,
            SignaturePolicy.Record,
            TestProvince.Office,
            TestProvince.Department,
            TestProvince.Commune
        );
        _secretFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(_secretFile, _called.SecretOf(Caller));
        _caller = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            asProcess: true,
            settings:
            [
                ("National:OwnCodes:0", TestProvince.Office),
                ("National:Axes:neighbour:Kind", "peer"),
                ("National:Axes:neighbour:Endpoint", _called.Http.AbsoluteUri),
                ("National:Axes:neighbour:SystemId", Caller),
                ("National:Axes:neighbour:SecretFile", _secretFile),
                ("National:Axes:neighbour:Codes:0", There),
                ("National:LookInterval", "00:00:00.100"),
                ("National:ShortestPoll", "00:00:00.050"),
                ("National:LongestPoll", "00:00:00.200"),
                ("National:FirstRetry", "00:00:00.050"),
                ("National:LongestRetry", "00:00:00.500"),
                ("National:CallTimeout", "00:00:05"),
            ]
        );
        await _caller.AddAgencyAsync(There, "000.00.00.H37", AgencyReach.National);
        await _caller.AddAgencyAsync(ThereToo, reach: AgencyReach.National);
        // Processes learn of agencies a moment later.
        using var office = await _caller.ClientAsync("office");
        await Eventually.HoldsAsync(async () =>
            (await office.SubmitAsync(new Letter(TestProvince.Office, ThereToo).Signed())).Status
            == HttpStatusCode.Created
        );
        using var far = await _called.ClientAsync("far-office");
        await Eventually.HoldsAsync(async () =>
            (await far.SubmitAsync(new Letter(There, TestProvince.Commune).Unsigned())).Status
            == HttpStatusCode.Created
        );
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _caller.DisposeAsync();
        await _called.DisposeAsync();
        File.Delete(_secretFile);
    }

    [Test, Order(1)]
    public Task A_letter_and_its_status_cross_outward() =>
        CrossesAsync(
            _caller,
            "office",
            new Letter(TestProvince.Office, ThereToo),
            _called,
            "far-office"
        );

    [Test, Order(2)]
    public Task A_letter_and_its_status_cross_inward() =>
        CrossesAsync(
            _called,
            "far-office",
            new Letter(There, TestProvince.Commune),
            _caller,
            "commune"
        );

    [Test, Order(3)]
    public async Task Nothing_is_lost_or_doubled_when_either_hub_is_killed_in_between()
    {
        var outward = new List<(Letter Letter, byte[] Package)>();
        var inward = new List<(Letter Letter, byte[] Package)>();
        foreach (var dying in (TestHub[])[_called, _caller])
        {
            for (var i = 0; i < 10; i++)
            {
                outward.Add(
                    await SubmitAsync(_caller, "office", new(TestProvince.Office, ThereToo))
                );
                inward.Add(
                    await SubmitAsync(_called, "far-office", new(There, TestProvince.Commune))
                );
            }
            await dying.KillAsync();
            await dying.RunAsync();
        }
        await AllThereAsync(_called, "far-office", outward);
        await AllThereAsync(_caller, "commune", inward);
        Assert.That(
            await _called.CountAsync("SELECT count(*) FROM package"),
            Is.EqualTo(await _called.CountAsync("SELECT count(DISTINCT document_id) FROM package"))
        );
        Assert.That(
            await _caller.CountAsync("SELECT count(*) FROM package"),
            Is.EqualTo(await _caller.CountAsync("SELECT count(DISTINCT document_id) FROM package"))
        );
    }

    private static async Task CrossesAsync(
        TestHub from,
        string sender,
        Letter letter,
        TestHub to,
        string receiver
    )
    {
        var (_, package) = await SubmitAsync(from, sender, letter);
        using var receiving = await to.ClientAsync(receiver);
        var deliveryId = await InboxAsync(receiving, letter.DocumentId);
        Assert.That(
            await receiving.GetByteArrayAsync(
                new Uri($"v1/inbox/{deliveryId}/content", UriKind.Relative)
            ),
            Is.EqualTo(package)
        );
        await receiving.AcknowledgeAsync(deliveryId);
        var report = await receiving.SubmitAsync(
            new Report(letter.To[0], "03", letter.From, letter.DocumentId).Bytes()
        );
        Assert.That(report.Status, Is.EqualTo(HttpStatusCode.Created), report.Text);
        using var sending = await from.ClientAsync(sender);
        await Eventually.HoldsAsync(async () =>
            (
                await sending.ItemsAsync(
                    $"v1/documents?documentId={Uri.EscapeDataString(letter.DocumentId)}"
                )
            )
                .SelectMany(item => item.GetProperty("deliveries").EnumerateArray())
                .Any(delivery =>
                    delivery.TryGetProperty("status", out var status) && status.GetString() == "03"
                )
        );
    }

    private static async Task<(Letter, byte[])> SubmitAsync(
        TestHub hub,
        string sender,
        Letter letter
    )
    {
        var package = letter.From == There ? letter.Unsigned() : letter.Signed();
        using var client = await hub.ClientAsync(sender);
        var answer = await client.SubmitAsync(package);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return (letter, package);
    }

    private static async Task AllThereAsync(
        TestHub hub,
        string receiver,
        List<(Letter Letter, byte[] Package)> letters
    )
    {
        using var client = await hub.ClientAsync(receiver);
        foreach (var (letter, package) in letters)
        {
            var id = await InboxAsync(client, letter.DocumentId);
            Assert.That(
                await client.GetByteArrayAsync(new Uri($"v1/inbox/{id}/content", UriKind.Relative)),
                Is.EqualTo(package)
            );
        }
    }

    private static async Task<Guid> InboxAsync(HttpClient client, string documentId) =>
        (
            await Eventually.GetAsync(async () =>
            {
                foreach (var item in await client.ItemsAsync("v1/inbox?limit=1000"))
                {
                    if (item.GetProperty("documentId").GetString() == documentId)
                    {
                        return new Found(item.GetProperty("deliveryId").GetGuid());
                    }
                }
                return null;
            })
        ).Id;

    private sealed record Found(Guid Id);
}
