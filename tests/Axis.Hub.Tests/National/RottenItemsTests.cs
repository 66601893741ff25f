using System.Net;
using System.Text.Json;
using Axis.NationalSim;
using Axis.NationalSim.Control;
using Axis.NationalSim.Provinces;
using Axis.TestKit;
using Axis.Vxp;
using Axis.Vxp.Client;

namespace Axis.Hub.Tests.National;

/// <summary>What comes over the border and is no package: seen, answered, and in nobody's way.</summary>
public sealed class RottenItemsTests
{
    private const int MaxPackageBytes = 200_000;

    private Border _border = null!;
    private HttpClient _ops = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _border = await Border.OpenAsync(
            LocalServersSetUp.Servers,
            settings:
            [
                ("National:MaxFetches", "3"),
                ("National:Parallel", "2"),
                ("Intake:MaxPackageBytes", $"{MaxPackageBytes}"),
            ]
        );
        await _border.Hub.AddOperatorAsync("keeper", "operator", "viewer");
        _ops = await _border.Hub.ClientAsync("keeper", ops: true);
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        _ops.Dispose();
        await _border.DisposeAsync();
    }

    [TearDown]
    public void EndAllVices() => _border.Sim.Vices.Clear();

    [TestCase(ViceKind.NoPackage, true)]
    [TestCase(ViceKind.XmlBomb, true)]
    [TestCase(ViceKind.BadBase64, false)]
    [TestCase(ViceKind.GhostItem, false)]
    public async Task What_cannot_be_read_is_seen_and_refused_and_holds_up_nobody(
        ViceKind vice,
        bool hasBytes
    )
    {
        // More than the gateway takes at a time, so that it must get past them.
        _border.Sim.Vices.Set(vice, new Vice(Next: 5));
        var rotten = Enumerable.Range(0, 5).Select(_ => Write()).ToArray();
        var sound = Enumerable.Range(0, 3).Select(_ => Write()).ToArray();

        await Eventually.HoldsAsync(async () => await DeliveriesOfAsync(sound) == sound.Length);
        foreach (var letter in rotten)
        {
            var item = await ListedAsync(letter);
            Assert.That(item.GetProperty("state").GetString(), Is.EqualTo("unreadable"));
            Assert.That(item.GetProperty("isKept").GetBoolean(), Is.EqualTo(hasBytes));
            Assert.That(
                item.GetProperty("reasons")[0].GetProperty("code").GetString(),
                Does.Match(hasBytes ? "^AXIS-1" : "^AXIS-3301$")
            );
        }
        await Eventually.HoldsAsync(() =>
            Task.FromResult(rotten.All(letter => CopyOf(letter).Transport == VxpValue.Fail))
        );
        await AlertLastsAsync(true);
        await SettleAllAsync();
        await AlertLastsAsync(false);
        Assert.That(await DeliveriesOfAsync(rotten), Is.Zero);
    }

    [Test]
    public async Task A_file_made_to_break_the_verifier_comes_in_and_holds_up_nobody()
    {
        using var http = new HttpClient(VxpClient.CreateHandler(TimeSpan.FromMinutes(1)));
        var neighbour = new VxpClient(
            http,
            new VxpIdentity(_border.Sim.Endpoint, "h37.axis", Border.NeighbourSecret),
            TimeProvider.System,
            TimeSpan.FromMinutes(2)
        );
        byte[][] files = [HostilePdf.AskingForDictionary(), HostilePdf.ByMalformedCertificate()];
        foreach (var file in files)
        {
            var letter = new Letter(Border.Neighbour, TestProvince.Commune) { Content = file };
            var sent = await neighbour.SendEdocAsync(
                VxpSending.Of(
                    Border.Neighbour,
                    [TestProvince.Commune],
                    VxpValue.MessageEdoc,
                    letter.Unsigned()
                ),
                default
            );
            Assert.That(sent.Fault, Is.Null);
            var behind = Write();

            await Eventually.HoldsAsync(async () => await DeliveriesOfAsync([behind]) == 1);
            await Eventually.HoldsAsync(async () =>
                await _border.Hub.CountAsync(
                    $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}' AND document_verdict IN ('broken', 'malformed')"
                ) == 1
            );
        }
    }

    [Test]
    public async Task A_package_beyond_the_limit_is_kept_and_refused()
    {
        var letter = _border.Sim.Write(Wish() with { AttachmentBytes = 2 * MaxPackageBytes });

        var item = await ListedAsync(letter);

        Assert.That(item.GetProperty("state").GetString(), Is.EqualTo("unreadable"));
        Assert.That(item.GetProperty("isKept").GetBoolean(), Is.True);
        Assert.That(item.GetProperty("reasons").GetRawText(), Does.Contain($"{MaxPackageBytes}"));
        await SettleAllAsync();
    }

    [Test]
    public async Task What_was_never_handed_out_is_asked_for_again_when_an_operator_says_so()
    {
        _border.Sim.Vices.Set(ViceKind.GhostItem, new Vice(Next: 1));
        var item = await ListedAsync(Write());
        var path = $"undeliverable/{item.GetProperty("id").GetString()}/replay";

        using var answer = await _ops.PostAsync(
            new Uri($"ops/v1/national/{path}", UriKind.Relative),
            null
        );

        var said = JsonSerializer.Deserialize<JsonElement>(
            await answer.Content.ReadAsStringAsync()
        );
        Assert.That(said.GetProperty("state").GetString(), Is.EqualTo("unreadable"));
        Assert.That(
            said.GetProperty("reasons")[0].GetProperty("message").GetString(),
            Does.Contain("Refused 21")
        );
        await SettleAllAsync();
    }

    [Test]
    public async Task An_outage_of_the_one_call_that_hands_out_makes_nothing_unreadable()
    {
        _border.Sim.Vices.Set(ViceKind.HtmlPage, new Vice(Calls: [VxpCall.GetEdoc.Name]));
        var letters = Enumerable.Range(0, 3).Select(_ => Write()).ToArray();
        // Far more tries than one rotten item would be given.
        await Eventually.HoldsAsync(() =>
            Task.FromResult(
                _border
                    .Sim.Calls()
                    .Count(call =>
                        call.Call == VxpCall.GetEdoc.Name
                        && call.Vices.Contains(ViceNames.Of(ViceKind.HtmlPage))
                    ) >= 12
            )
        );
        Assert.That(await _ops.ItemsAsync("ops/v1/national/undeliverable"), Is.Empty);

        _border.Sim.Vices.Clear();

        await Eventually.HoldsAsync(async () => await DeliveriesOfAsync(letters) == letters.Length);
        Assert.That(await _ops.ItemsAsync("ops/v1/national/undeliverable"), Is.Empty);
    }

    private static LetterWish Wish() =>
        new() { To = [TestProvince.Commune], From = TestProvince.Ministry };

    private LetterView Write() => _border.Sim.Write(Wish());

    private CopyView CopyOf(LetterView letter) =>
        _border
            .Sim.Letters(letter.DocumentId)
            .SelectMany(one => one.Copies)
            .Single(copy => copy.To == TestProvince.Commune);

    /// <summary>By the far side's id: nobody could read the document's own.</summary>
    private async Task<JsonElement> ListedAsync(LetterView letter) =>
        (
            await Eventually.GetAsync(async () =>
                (await _ops.ItemsAsync("ops/v1/national/undeliverable?limit=1000"))
                    .Where(item => item.GetProperty("farId").GetString() == CopyOf(letter).DocId)
                    .Select(item => new Found(item))
                    .FirstOrDefault()
            )
        ).Item;

    private async Task SettleAllAsync()
    {
        foreach (var item in await _ops.ItemsAsync("ops/v1/national/undeliverable?limit=1000"))
        {
            using var answer = await _ops.PostAsync(
                new Uri(
                    $"ops/v1/national/undeliverable/{item.GetProperty("id").GetString()}/settle",
                    UriKind.Relative
                ),
                null
            );
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        }
    }

    private Task AlertLastsAsync(bool lasts) =>
        Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                "SELECT count(*) FROM far_alert WHERE kind = 'undeliverable' AND ended_at IS NULL"
            ) == (lasts ? 1 : 0)
        );

    private Task<long> DeliveriesOfAsync(LetterView[] letters) =>
        _border.Hub.CountAsync(
            $"SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id WHERE p.document_id IN ({string.Join(", ", letters.Select(one => $"'{one.DocumentId}'"))})"
        );

    private sealed record Found(JsonElement Item);
}
