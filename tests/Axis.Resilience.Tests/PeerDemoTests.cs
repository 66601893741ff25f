using System.Net;
using Axis.Cli.Demo;
using Axis.Cli.Local;
using Axis.Hub.Registry;
using Axis.LocalServers;
using Axis.Signatures;
using Axis.TestKit;
using DemoLetter = Axis.Cli.Demo.Letter;
using Door = Axis.Hub.Registry.Door;

namespace Axis.Resilience.Tests;

/// <summary>
/// The documents of the demo's morning between two provinces that both run Axis: the made-up province calls, a ministry
/// is called. Either hub is killed in between; every document and every status is on the other side once.
/// </summary>
public sealed class PeerDemoTests
{
    private const string Ministry = "G22";
    private const string Caller = "peer-h99";

    private static readonly string s_province = Path.Combine(
        Repository.Root(),
        "contracts",
        "demo-province"
    );

    private readonly IReadOnlyList<DemoAgency> _agencies = DemoAgency.ReadAll(s_province);
    private readonly List<Sent> _sent = [];
    private TestHub _called = null!;
    private TestHub _caller = null!;
    private string _secretFile = "";

    /// <summary>A document as its sender's hub took it.</summary>
    private sealed record Sent(
        TestHub At,
        string System,
        TestHub To,
        string Receiver,
        DemoLetter Letter,
        byte[] Package
    );

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var taken = new HashSet<int>();
        _called = await TestHub.StartAsync(
            LocalServersSetUp.Servers,
            asProcess: true,
            settings: ("Listen:Ops", $"http://127.0.0.1:{LoopbackPorts.Choose(0, taken)}")
        );
        await FillAsync(_called, AgencyReach.Province);
        await _called.AddOfficeSystemAsync(
            "ministry",
            Door.Http,
            SignaturePolicy.Record,
            FarCodes()
        );
        await _called.AddOfficeSystemAsync(Caller, Door.Http, SignaturePolicy.Record, OwnCodes());
        _secretFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(_secretFile, _called.SecretOf(Caller));
        _caller = await TestHub.StartAsync(
            LocalServersSetUp.Servers,
            asProcess: true,
            settings:
            [
                ("National:OwnCodes:0", "H99"),
                ("National:Axes:ministry:Kind", "peer"),
                ("National:Axes:ministry:Endpoint", _called.Http.AbsoluteUri),
                ("National:Axes:ministry:SystemId", Caller),
                ("National:Axes:ministry:SecretFile", _secretFile),
                ("National:LookInterval", "00:00:00.100"),
                ("National:ShortestPoll", "00:00:00.050"),
                ("National:LongestPoll", "00:00:00.200"),
                ("National:FirstRetry", "00:00:00.050"),
                ("National:LongestRetry", "00:00:00.500"),
                ("National:CallTimeout", "00:00:05"),
            ]
        );
        await FillAsync(_caller, AgencyReach.National);
        await _caller.AddOfficeSystemAsync("demo", Door.Http, SignaturePolicy.Record, OwnCodes());
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _caller.DisposeAsync();
        await _called.DisposeAsync();
        File.Delete(_secretFile);
    }

    [Test]
    public async Task The_demo_s_documents_cross_both_ways_though_either_hub_is_killed()
    {
        var plan = new MorningPlan(_agencies, Credentials(), isConnected: false);
        // One of them is broken on purpose and is refused by its own hub.
        var letters = plan.Letters.Where(letter => !letter.Broken).ToArray();
        using var demo = await _caller.ClientAsync("demo");
        using var ministry = await _called.ClientAsync("ministry");
        for (var i = 0; i < letters.Length; i++)
        {
            await SubmitAsync(demo, _caller, "demo", Outward(letters[i]));
            await SubmitAsync(ministry, _called, "ministry", Inward(letters[i]));
            if (i % 4 == 1)
            {
                await AgainAsync(i % 8 == 1 ? _called : _caller);
            }
        }
        foreach (var sent in _sent)
        {
            foreach (var to in FarSideOf(sent))
            {
                await CollectAsync(sent, to.Code);
            }
        }
        await AgainAsync(_called);
        await AgainAsync(_caller);
        foreach (var sent in _sent)
        {
            await StatusesAreHomeAsync(sent);
        }
        await NothingIsThereTwiceAsync(_called);
        await NothingIsThereTwiceAsync(_caller);
    }

    private static async Task AgainAsync(TestHub hub)
    {
        await hub.KillAsync();
        await hub.RunAsync();
    }

    private async Task SubmitAsync(HttpClient client, TestHub at, string system, DemoLetter letter)
    {
        var package = await WriteAsync(letter);
        // Processes learn of the registry a moment later.
        await Eventually.HoldsAsync(async () =>
            (await client.SubmitAsync(package)).Status is HttpStatusCode.Created
        );
        _sent.Add(
            at == _caller
                ? new Sent(at, system, _called, "ministry", letter, package)
                : new Sent(at, system, _caller, "demo", letter, package)
        );
    }

    private static async Task<byte[]> WriteAsync(DemoLetter letter)
    {
        var written = await LetterPackages.WriteAsync(letter, "", CancellationToken.None);
        if (letter.From.Code == Ministry)
        {
            return written;
        }
        using var signed = new MemoryStream();
        EnvelopeSigner.Sign(new MemoryStream(written), TestKeys.Of(letter.From.Code), signed);
        return signed.ToArray();
    }

    private async Task CollectAsync(Sent sent, string recipient)
    {
        using var receiving = await sent.To.ClientAsync(sent.Receiver);
        var found = await Eventually.GetAsync(async () =>
            (await receiving.ItemsAsync("v1/inbox?limit=1000"))
                .Where(item =>
                    item.GetProperty("documentId").GetString() == sent.Letter.DocumentId
                    && item.GetProperty("recipient").GetString() == recipient
                )
                .Select(item => new Found(item.GetProperty("deliveryId").GetGuid()))
                .FirstOrDefault()
        );
        Assert.That(
            await receiving.GetByteArrayAsync(
                new Uri($"v1/inbox/{found.Id}/content", UriKind.Relative)
            ),
            Is.EqualTo(sent.Package)
        );
        await receiving.AcknowledgeAsync(found.Id);
        foreach (var status in (string[])["01", "03"])
        {
            var report = new Report(
                recipient,
                status,
                sent.Letter.From.Code,
                sent.Letter.DocumentId
            );
            Assert.That(
                (await receiving.SubmitAsync(report.Bytes())).Status,
                Is.EqualTo(HttpStatusCode.Created)
            );
        }
    }

    private static async Task StatusesAreHomeAsync(Sent sent)
    {
        using var sender = await sent.At.ClientAsync(sent.System);
        var far = FarSideOf(sent).Select(to => to.Code).ToArray();
        await Eventually.HoldsAsync(async () =>
            (
                await sender.ItemsAsync(
                    $"v1/documents?documentId={Uri.EscapeDataString(sent.Letter.DocumentId)}"
                )
            )
                .SelectMany(item => item.GetProperty("deliveries").EnumerateArray())
                .Count(delivery =>
                    far.Contains(delivery.GetProperty("recipient").GetString())
                    && delivery.TryGetProperty("status", out var status)
                    && status.GetString() == "03"
                ) == far.Length
        );
    }

    private async Task NothingIsThereTwiceAsync(TestHub hub)
    {
        Assert.That(
            await hub.CountAsync("SELECT count(*) FROM package"),
            Is.EqualTo(_sent.Count),
            "every document is at both hubs, once"
        );
        Assert.That(
            await hub.CountAsync(
                "SELECT count(*) FROM (SELECT 1 FROM delivery GROUP BY package_id, recipient_agency_id HAVING count(*) > 1) AS twice"
            ),
            Is.Zero
        );
    }

    /// <summary>The document as the morning has it, and to the ministry too.</summary>
    private DemoLetter Outward(DemoLetter letter) =>
        Copy(
            letter,
            letter.From,
            letter.DocumentId,
            [.. letter.To.Where(to => !to.IsFar), new Addressee(Of(Ministry), Ministry, [])]
        );

    /// <summary>The same document, written by the ministry to those in the province.</summary>
    private DemoLetter Inward(DemoLetter letter) =>
        Copy(
            letter,
            Of(Ministry),
            $"{Ministry},{string.Join(',', letter.DocumentId.Split(',')[1..])}",
            [
                .. letter
                    .To.Where(to => !to.IsFar)
                    .Select(to => new Addressee(to.Agency, to.Agency.Code, [])),
            ]
        );

    private static DemoLetter Copy(
        DemoLetter letter,
        DemoAgency from,
        string documentId,
        IReadOnlyList<Addressee> to
    ) =>
        new()
        {
            Number = letter.Number,
            Notation = letter.Notation,
            DocumentId = documentId,
            From = from,
            OfficeSystem = letter.OfficeSystem,
            Door = letter.Door,
            Subject = letter.Subject,
            To = to,
            TypeName = letter.TypeName,
            Priority = letter.Priority,
            Attachments = letter.Attachments,
            // Signed here, with the keys of the tests.
            Signed = false,
        };

    /// <summary>Those of its recipients that are beyond the border.</summary>
    private static IEnumerable<Addressee> FarSideOf(Sent sent) =>
        sent.Letter.From.Code == Ministry ? sent.Letter.To : sent.Letter.To.Where(to => to.IsFar);

    private async Task FillAsync(TestHub hub, AgencyReach farReach)
    {
        foreach (var agency in _agencies)
        {
            await hub.AddAgencyAsync(
                agency.Code,
                agency.OldCode.Length > 0 ? agency.OldCode : null,
                agency.IsInProvince ? AgencyReach.Province : farReach,
                kind: agency.Kind
            );
        }
    }

    private DemoAgency Of(string code) => _agencies.Single(agency => agency.Code == code);

    private string[] OwnCodes() =>
        [.. _agencies.Where(agency => agency.IsInProvince).Select(agency => agency.Code)];

    private string[] FarCodes() =>
        [.. _agencies.Where(agency => !agency.IsInProvince).Select(agency => agency.Code)];

    private DemoCredentials Credentials() =>
        new([new DemoOfficeSystem("demo", "", "http", OwnCodes())], []);

    private sealed record Found(Guid Id);
}
