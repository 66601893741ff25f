using System.Text.Json;
using System.Text.RegularExpressions;
using Axis.Hub.Registry;
using Axis.NationalSim.Provinces;
using Axis.TestKit;

namespace Axis.Cli.Tests.OnHub;

/// <summary><c>axis national …</c> on a hub whose gateway is open to a simulated axis.</summary>
public sealed class NationalTests : HubTest
{
    private const string Operator = Viewer;

    private Border _border = null!;
    private HttpClient _office = null!;

    private protected override async Task<TestHub> OpenAsync()
    {
        _border = await Border.OpenAsync(LocalServersSetUp.Servers);
        _office = await _border.Hub.ClientAsync("office");
        return _border.Hub;
    }

    private protected override async Task CloseAsync()
    {
        _office.Dispose();
        await _border.DisposeAsync();
    }

    [Test]
    public async Task Status_tells_each_axis_its_directions_and_its_calls()
    {
        await Eventually.HoldsAsync(async () =>
            (await SaidAsync(Viewer, "national", "status")).Contains(
                "getReceivedEdocList.document     succeeded 2",
                StringComparison.Ordinal
            )
        );
        var said = await SaidAsync(Viewer, "national", "status");
        Assert.That(
            said,
            Does.Contain($"national (vxp): {Border.SystemId} at {_border.Sim.Endpoint}")
                .And.Contain("  to send ")
                .And.Match(@"  out\s+open")
                .And.Match(@"  in\s+open")
        );
        Assert.That(said, Does.Not.Contain("border-not-real"), "the secret is nowhere");
        using var json = JsonDocument.Parse(
            await SaidAsync(Viewer, "national", "status", "--json")
        );
        Assert.That(
            json.RootElement.GetProperty("axes")[0].GetProperty("axis").GetString(),
            Is.EqualTo("national")
        );
    }

    [Test]
    public async Task Paused_a_letter_waits_and_resumed_it_leaves_and_its_path_is_shown()
    {
        var paused = await SaidAsync(Operator, "national", "pause", "--direction", "out");
        Assert.That(paused, Does.Contain("national: paused"));
        var (letter, package) = await SubmitAsync();
        await Eventually.HoldsAsync(async () =>
        {
            var said = await SaidAsync(Viewer, "national", "status");
            return PausedAndWaiting().IsMatch(said);
        });
        Assert.That(
            await SaidAsync(Viewer, "national", "crossings", package),
            Does.Match(@"national\s.*out").Or.Contain("It never crossed.")
        );
        Assert.That(_border.There(letter), Is.Empty);

        Assert.That(
            await SaidAsync(Operator, "national", "resume", "national"),
            Does.Contain("national: goes on")
        );
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        var crossed = await SaidAsync(Viewer, "national", "crossings", package, "--json");
        Assert.That(crossed, Does.Contain(_border.There(letter).Single().DocId));
        Assert.That(
            await SaidAsync(Viewer, "national", "crossings", Guid.CreateVersion7().ToString()),
            Does.Contain("It never crossed.")
        );
    }

    [Test]
    public async Task What_was_given_up_is_sent_again_by_replay()
    {
        _border.Sim.Close(TestProvince.Ministry);
        var (letter, _) = await SubmitAsync();
        await _border.StateAsync(letter, TestProvince.Ministry, "failed");
        Assert.That(await SaidAsync(Viewer, "national", "status"), Does.Match("given up [1-9]"));
        _border.Sim.Add(new(TestProvince.Ministry, TestProvince.MinistryOld, "VPCP"));

        Assert.That(
            await SaidAsync(Operator, "national", "replay"),
            Does.Match("^[1-9][0-9]* packages are tried again")
        );

        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        Assert.That(
            await SaidAsync(Operator, "national", "replay"),
            Does.Contain("0 packages are tried again")
        );
    }

    [Test]
    public async Task What_is_undeliverable_is_listed_tried_again_and_settled()
    {
        var first = _border.Sim.Write(
            new LetterWish { To = [Border.Stranger], From = TestProvince.Ministry }
        );
        var second = _border.Sim.Write(
            new LetterWish { To = [Border.Stranger], From = TestProvince.Ministry }
        );
        var (one, other) = (
            await IdOfAsync(first.DocumentId!),
            await IdOfAsync(second.DocumentId!)
        );
        Assert.That(
            await SaidAsync(Viewer, "national", "undeliverable"),
            Does.Contain(one).And.Contain(other)
        );

        var vain = await AsAsync(Operator, "national", "undeliverable", "--replay", one);
        Assert.That(vain.ExitCode, Is.EqualTo(1));
        Assert.That(vain.Output, Does.StartWith("undeliverable: ").And.Contain(Border.Stranger));

        await Hub.AddAgencyAsync(Border.Stranger);
        await Hub.AddOfficeSystemAsync(
            "stranger",
            Door.Http,
            SignaturePolicy.Record,
            Border.Stranger
        );
        Assert.That(
            await SaidAsync(Operator, "national", "undeliverable", "--replay", one),
            Does.Match("^accepted: package [0-9a-f-]{36}")
        );
        Assert.That(
            await SaidAsync(Operator, "national", "undeliverable", "--settle", other),
            Does.Contain($"{other} is off the list")
        );
        Assert.That(
            await SaidAsync(Viewer, "national", "undeliverable"),
            Does.Contain("Nothing is undeliverable.")
        );
        var gone = await AsAsync(Operator, "national", "undeliverable", "--settle", other);
        Assert.That(gone.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task The_catalogue_is_shown_then_applied_and_then_without_a_difference()
    {
        var shown = await SaidAsync(Registrar, "national", "catalogue", "--diff");
        Assert.That(
            shown,
            Does.Match(@"added\s+G05\s")
                .And.Contain("; not applied")
                .And.Match($@"ours\s+{TestProvince.Second}\s+ours; the national axis does not")
        );
        Assert.That(
            await SaidAsync(Registrar, "national", "catalogue", "--apply"),
            Does.Contain("; applied")
        );
        Assert.That(
            await SaidAsync(Registrar, "national", "catalogue"),
            Does.Contain("No difference; not applied")
        );
        var both = await AsAsync(Registrar, "national", "catalogue", "--diff", "--apply");
        Assert.That(both.ExitCode, Is.EqualTo(2));
        var foreign = await AsAsync(Registrar, "national", "catalogue", "--axis", "moon");
        Assert.That(foreign.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task Own_agencies_are_registered_there_and_no_others()
    {
        Assert.That(
            await SaidAsync(Registrar, "national", "register", TestProvince.Unconnected),
            Does.Match($@"{TestProvince.Unconnected}\s+registered")
        );
        var mixed = await AsAsync(
            Registrar,
            "national",
            "register",
            TestProvince.Locked,
            TestProvince.Ministry
        );
        Assert.That(mixed.ExitCode, Is.EqualTo(1));
        Assert.That(mixed.Output, Does.Not.Match($@"{TestProvince.Ministry}\s+registered"));
    }

    [TestCase(Registrar, "pause")]
    [TestCase(Registrar, "resume")]
    [TestCase(Registrar, "replay")]
    [TestCase(Viewer, "catalogue")]
    [TestCase(Viewer, "register", TestProvince.Unconnected)]
    [TestCase(Auditor, "status")]
    [TestCase(Auditor, "undeliverable")]
    public async Task Who_has_not_the_role_is_refused(string who, params string[] words)
    {
        var refused = await AsAsync(who, ["national", .. words]);
        Assert.That(refused.ExitCode, Is.EqualTo(1));
        Assert.That(refused.Error, Does.Contain("AXIS-2004"));
    }

    [TestCase("pause", "moon")]
    [TestCase("replay", "moon")]
    [TestCase("undeliverable", "--replay", "00000000-0000-0000-0000-000000000000")]
    public async Task What_there_is_not_is_said(params string[] words)
    {
        var refused = await AsAsync(Operator, ["national", .. words]);
        Assert.That(refused.ExitCode, Is.EqualTo(1));
        Assert.That(refused.Error, Does.Contain("AXIS-6004"));
    }

    [TestCase("pause", "--direction", "up")]
    [TestCase("crossings", "not-an-id")]
    [TestCase("undeliverable", "--settle", "7")]
    public async Task What_makes_no_sense_is_asked_of_no_hub(params string[] words)
    {
        var wrong = await AsAsync(Operator, ["national", .. words]);
        Assert.That(wrong.ExitCode, Is.EqualTo(2));
    }

    private static Regex PausedAndWaiting() =>
        new(
            @"to send [1-9](.|\n)*  out\s+paused",
            RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
        );

    private async Task<(Letter Letter, string Package)> SubmitAsync()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Ministry);
        var answer = await _office.SubmitAsync(letter.Signed());
        Assert.That((int)answer.Status, Is.EqualTo(201), answer.Text);
        return (letter, answer.Json.GetProperty("packageId").GetString()!);
    }

    private Task<string> IdOfAsync(string documentId) =>
        Eventually.GetAsync(async () =>
        {
            using var list = JsonDocument.Parse(
                await SaidAsync(Viewer, "national", "undeliverable", "--json")
            );
            return list
                .RootElement.GetProperty("items")
                .EnumerateArray()
                .Where(item => item.GetProperty("documentId").GetString() == documentId)
                .Select(item => item.GetProperty("id").GetString())
                .FirstOrDefault();
        });
}
