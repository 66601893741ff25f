using System.Text.RegularExpressions;
using Axis.TestKit;

namespace Axis.Cli.Tests.OnHub;

/// <summary><c>axis systems …</c>, <c>axis ping</c></summary>
public sealed partial class SystemsTests : HubTest
{
    [Test]
    public async Task Add_prints_everything_that_a_vendor_needs_and_the_test_command_works()
    {
        var said = await SaidAsync(
            Registrar,
            "systems",
            "add",
            "qlvb-moi",
            "--name",
            "Phần mềm mới",
            "--door",
            "amqp",
            "--signatures",
            "record",
            "--agencies",
            TestProvince.Unconnected,
            "--broker",
            Broker
        );
        var secret = SecretIn(said);
        using (Assert.EnterMultipleScope())
        {
            foreach (
                var needed in (string[])
                    [
                        $"hub            {Hub.Http}",
                        $"broker         {Broker}",
                        $"{Hub.Http}openapi.yaml",
                        $"{Hub.Http}asyncapi.yaml",
                        "client id      qlvb-moi",
                        "collects over  amqp",
                        "queue          axis.inbox.qlvb-moi\n",
                        "queue          axis.inbox.qlvb-moi.urgent\n",
                        "queue          axis.events.qlvb-moi\n",
                        "axis.submit with submit.qlvb-moi or ack.qlvb-moi",
                    ]
            )
            {
                Assert.That(said.ReplaceLineEndings("\n"), Does.Contain(needed));
            }
        }

        var test = TestCommand().Match(said);
        Assert.That(test.Groups["secret"].Value, Is.EqualTo(secret));
        Environment.SetEnvironmentVariable("AXIS_CLIENT_SECRET", secret);
        try
        {
            var ping = await CliRun.OfAsync(test.Groups["words"].Value.Trim().Split(' '));
            Assert.That(ping.ExitCode, Is.Zero, ping.Error);
            Assert.That(
                ping.Output,
                Does.Match(
                    "http  qlvb-moi .*collects over amqp, speaks for 1 agencies(?s:.*)amqp  qlvb-moi "
                ),
                "over both doors"
            );
        }
        finally
        {
            Environment.SetEnvironmentVariable("AXIS_CLIENT_SECRET", null);
        }
        Assert.That(
            await SaidAsync(Viewer, "systems", "show", "qlvb-moi"),
            Does.Contain(TestProvince.Unconnected).And.Not.Contain(secret),
            "shown this once"
        );
    }

    [Test]
    public async Task Add_of_an_id_that_is_taken_is_refused()
    {
        var refused = await AsAsync(Registrar, "systems", "add", "office", "--name", "Hai");
        Assert.That(refused.ExitCode, Is.EqualTo(1));
        Assert.That(refused.Error, Does.Contain("AXIS-3"));
    }

    [Test]
    public async Task Rotate_prints_a_new_secret_and_both_serve_for_the_overlap()
    {
        var old = SecretIn(await AddAsync("qlvb-xoay"));
        var said = await SaidAsync(Registrar, "systems", "rotate", "qlvb-xoay");
        Assert.That(said, Does.Contain("old ones until"));
        var fresh = SecretIn(said);
        Assert.That(fresh, Is.Not.EqualTo(old));
        foreach (var secret in (string[])[old, fresh])
        {
            var ping = await PingAsync("qlvb-xoay", secret);
            Assert.That(ping.ExitCode, Is.Zero, ping.Error);
        }

        var last = SecretIn(
            await SaidAsync(Registrar, "systems", "rotate", "qlvb-xoay", "--overlap-hours", "0")
        );
        Assert.That((await PingAsync("qlvb-xoay", fresh)).ExitCode, Is.EqualTo(1));
        Assert.That((await PingAsync("qlvb-xoay", last)).ExitCode, Is.Zero);
    }

    [Test]
    public async Task What_collecting_implies_and_what_is_told_is_said_when_added_and_changed_later()
    {
        await SaidAsync(
            Registrar,
            "systems",
            "add",
            "qlvb-den",
            "--name",
            "Phần mềm",
            "--collected-is-arrival",
            "--announces-arrivals"
        );
        var added = await SaidAsync(Viewer, "systems", "show", "qlvb-den");
        var changed = await SaidAsync(
            Registrar,
            "systems",
            "limits",
            "qlvb-den",
            "--collected-is-arrival",
            "false",
            "--announces-arrivals",
            "false"
        );
        var other = await SaidAsync(Registrar, "systems", "limits", "qlvb-den", "--contact", "An");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(added, Does.Contain("\"collectedIsArrival\": true"));
            Assert.That(changed, Does.Contain("\"collectedIsArrival\": false"));
            Assert.That(other, Does.Contain("\"collectedIsArrival\": false"));
            Assert.That(added, Does.Contain("\"announcesArrivals\": true"));
            Assert.That(changed, Does.Contain("\"announcesArrivals\": false"));
            Assert.That(other, Does.Contain("\"announcesArrivals\": false"));
        }
    }

    [Test]
    public async Task Lock_closes_the_door_and_unlock_opens_it()
    {
        var secret = SecretIn(await AddAsync("qlvb-khoa"));
        Assert.That(
            await SaidAsync(Registrar, "systems", "lock", "qlvb-khoa"),
            Does.Contain("\"status\": \"locked\"")
        );
        var refused = await PingAsync("qlvb-khoa", secret);
        Assert.That(refused.ExitCode, Is.EqualTo(1));
        Assert.That(refused.Error, Does.Contain("AXIS-2003"));
        await SaidAsync(Registrar, "systems", "unlock", "qlvb-khoa");
        Assert.That((await PingAsync("qlvb-khoa", secret)).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Serve_holds_now_and_handover_from_its_instant()
    {
        await Hub.AddAgencyAsync("H99.77");
        await AddAsync("qlvb-cu");
        await AddAsync("qlvb-ke");
        Assert.That(
            await SaidAsync(Registrar, "systems", "serve", "qlvb-cu", "H99.77"),
            Does.Contain("qlvb-cu serves 1 more from ")
        );
        Assert.That(
            await SaidAsync(
                Registrar,
                "systems",
                "handover",
                "qlvb-ke",
                "H99.77",
                "--at",
                "2099-07-01T00:00:00+07:00"
            ),
            Does.Contain("qlvb-ke serves 1 more from 2099-")
        );
        Assert.That(
            await SaidAsync(Viewer, "systems", "show", "qlvb-cu"),
            Does.Contain("H99.77"),
            "until then it stays"
        );
        Assert.That(
            await SaidAsync(Viewer, "systems", "show", "qlvb-ke"),
            Does.Not.Contain("H99.77")
        );
    }

    [Test]
    public async Task Limits_are_set_and_shown_and_list_says_when_each_was_heard()
    {
        var secret = SecretIn(await AddAsync("qlvb-han"));
        var said = await SaidAsync(
            Registrar,
            "systems",
            "limits",
            "qlvb-han",
            "--requests-per-minute",
            "120",
            "--max-package-bytes",
            "1000000",
            "--max-connections",
            "3",
            "--packages-per-day",
            "5000",
            "--bytes-per-day",
            "9000000000",
            "--networks",
            "127.0.0.0/8",
            "--contact",
            "Trần Thị B"
        );
        Assert.That(
            said,
            Does.Contain("\"requestsPerMinute\": 120")
                .And.Contain("\"maxPackageBytes\": 1000000")
                .And.Contain("\"maxConnections\": 3")
                .And.Contain("\"packagesPerDay\": 5000")
                .And.Contain("\"bytesPerDay\": 9000000000")
                .And.Contain("\"usedToday\"")
                .And.Contain("127.0.0.0/8")
                .And.Contain("Trần Thị B")
        );
        Assert.That((await PingAsync("qlvb-han", secret)).ExitCode, Is.Zero);
        // Sightings are written every other second.
        await Eventually.HoldsAsync(async () =>
            HeardOverHttp().IsMatch(await SaidAsync(Viewer, "systems", "list"))
        );
    }

    private Task<string> AddAsync(string id) =>
        SaidAsync(Registrar, "systems", "add", id, "--name", "Phần mềm " + id);

    private static string SecretIn(string said) => Secret().Match(said).Groups["secret"].Value;

    [GeneratedRegex(@"client secret\s+(?<secret>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secret();

    [GeneratedRegex(
        @"test\s+AXIS_CLIENT_SECRET=(?<secret>\S+) \./axis (?<words>ping [^\r\n]*)",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex TestCommand();

    [GeneratedRegex(@"qlvb-han .*http \d", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HeardOverHttp();
}
