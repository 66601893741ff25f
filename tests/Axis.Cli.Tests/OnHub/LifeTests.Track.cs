using System.Globalization;
using System.Text.Json;
using Axis.Cli.Local;
using Axis.LocalServers.Processes;
using Axis.TestKit;

namespace Axis.Cli.Tests.OnHub;

/// <summary>Letters followed by those who sent and received them, and a synthetic month.</summary>
public sealed partial class LifeTests
{
    [Test]
    public async Task Track_shows_where_each_recipient_stands_what_is_asked_and_what_it_is_tied_to()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune, TestProvince.Department);
        await SentAsync(letter);
        await ReportAsync(letter, "03");
        using var office = await Hub.ClientAsync("office");
        await office.SubmitAsync(
            (letter with { Business = 2, To = [TestProvince.Commune] }).Signed()
        );

        var sent = await OfficeAsync("office", "track", letter.DocumentId);
        var received = await OfficeAsync(
            "department",
            "track",
            $"{letter.Number}/{letter.Notation}"
        );
        var nobody = await CliRun.OfAsync(Words("office", "track", "H99,none"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Squeezed(sent),
                Does.Contain("update_asked")
                    .And.Contain("updatesince")
                    .And.Contain($"updatedBy{letter.DocumentId}")
                    .And.Contain("03Đãtiếpnhận")
                    .And.Contain(TestProvince.Department)
            );
            Assert.That(
                received,
                Does.Contain(TestProvince.Department)
                    .And.Not.Contain("update")
                    .And.Not.Contain(TestProvince.Commune),
                "another's question is not its business"
            );
            Assert.That(nobody.ExitCode, Is.EqualTo(1));
            Assert.That(nobody.Output, Does.Contain("No letter"));
        }
    }

    [Test]
    public async Task Letters_shows_an_operator_whose_turn_it_is_with_each_recipient()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune, TestProvince.Department);
        await SentAsync(letter);
        await ReportAsync(letter, "03");

        var byId = await SaidAsync(Viewer, "letters", letter.DocumentId);
        var byNumber = await SaidAsync(Viewer, "letters", $"{letter.Number}/{letter.Notation}");
        var nobody = await AsAsync(Viewer, "letters", "H99,none");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Squeezed(byId),
                Does.Contain("03Đãtiếpnhận")
                    .And.Contain("commune:collected")
                    .And.Contain("department:dispatched")
            );
            Assert.That(byNumber, Does.Contain(letter.DocumentId));
            Assert.That(nobody.ExitCode, Is.EqualTo(1));
            Assert.That(nobody.Output, Does.Contain("never came"));
        }
    }

    [Test]
    public async Task Track_goes_on_showing_what_happens_until_it_is_ended()
    {
        var letter = await LetterWithAsync("01");

        var run = await CliRun.OfAsync(
            Words("office", "track", letter.DocumentId, "--watch"),
            async (printed, end) =>
            {
                await Eventually.HoldsAsync(() =>
                    Task.FromResult(Squeezed(printed()).Contains("01Đãđến"))
                );
                await ReportAsync(letter, "03");
                await ShowsAsync("03 Đã tiếp nhận applied");
                await ReportAsync(letter, "05");
                await ShowsAsync("05 Đang xử lý applied");
                await end.CancelAsync();

                Task ShowsAsync(string words) =>
                    Eventually.HoldsAsync(() => Task.FromResult(printed().Contains(words)));
            }
        );

        var shown = run.Output.Split('\n').Where(line => line.Contains('['));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(
                shown,
                Is.EqualTo(shown.Distinct())
                    .And.Some.Contains("[received]")
                    .And.Some.Contains("[processing]")
            );
        }
    }

    [Test]
    public async Task Watch_of_an_office_system_shows_its_own_events_only()
    {
        var before = await HeadAsync();
        var other = await LetterWithAsync("01");
        var letter = await LetterWithAsync("03");

        var all = await OfficeAsync("office", "watch", "--after", $"{before}", "--count", "2");
        var one = await OfficeAsync(
            "office",
            "watch",
            "--after",
            $"{before}",
            "--letter",
            $"{letter.Number}/{letter.Notation}",
            "--count",
            "1"
        );
        var others = await CliRun.OfAsync(
            Words("department", "watch", "--letter", letter.DocumentId)
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                all.TrimEnd().Split('\n'),
                Has.Length.EqualTo(2)
                    .And.Some.Contains(other.DocumentId)
                    .And.Some.Contains(letter.DocumentId)
            );
            Assert.That(one, Does.Contain("03 Đã tiếp nhận").And.Contain(letter.DocumentId));
            Assert.That(others.ExitCode, Is.EqualTo(1));
            Assert.That(others.Error, Does.Contain("There is no letter"));
        }
    }

    /// <summary>As on the hub that ./axis up started, whose folder says who is who.</summary>
    [Test]
    public async Task Watch_as_an_office_system_of_the_demo_shows_its_own_events_and_its_letters()
    {
        Write(
            ".axis/demo/credentials.json",
            $$"""
            {"officeSystems":[{"id":"commune","secret":"{{Hub.SecretOf(
                "commune"
            )}}","inboxDoor":"http","agencies":[]}],
             "operators":[{"id":"{{Viewer}}","secret":"{{Hub.SecretOf(Viewer)}}"}]}
            """
        );
        await new HubState(Hub.Http.Port, Hub.Ops.Port)
        {
            Supervisor = ProcessIdentity.Of(Environment.ProcessId),
        }.WriteAsync(new DataFolder(In(".axis")), CancellationToken.None);
        await Hub.ChangeRegistryAsync(
            "UPDATE office_system SET announces_arrivals = true WHERE id = 'commune'"
        );
        var before = await HeadAsync();
        var letter = await LetterWithAsync();
        var root = Environment.GetEnvironmentVariable("AXIS_ROOT");
        Environment.SetEnvironmentVariable("AXIS_ROOT", In());
        try
        {
            var own = await WatchAsync("commune");
            var all = await WatchAsync(Viewer);
            var nobody = await WatchAsync("office");
            var forOperators = await CliRun.OfAsync("systems", "list", "--as", "commune");

            using (Assert.EnterMultipleScope())
            {
                Assert.That(own.ExitCode, Is.Zero, own.Error);
                Assert.That(
                    own.Output,
                    Does.Contain("delivery.dispatched")
                        .And.Contain(letter.DocumentId)
                        .And.Contain(letter.Subject)
                );
                Assert.That(all.Output, Does.Contain(letter.DocumentId), "as an operator");
                Assert.That(nobody.Error, Does.Contain("no operator office"));
                Assert.That(forOperators.Error, Does.Contain("commune is an office system"));
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("AXIS_ROOT", root);
            await Hub.ChangeRegistryAsync("UPDATE office_system SET announces_arrivals = false");
        }

        Task<CliRun> WatchAsync(string id) =>
            CliRun.OfAsync("watch", "--as", id, "--after", $"{before}", "--count", "1");
    }

    [Test]
    public async Task A_synthetic_month_is_written_with_its_ledger_and_reported()
    {
        var ledger = In("ledger.json");
        var run = await CliRun.OfAsync(
            "synthetic-month",
            "--month",
            "2026-08",
            "--agencies",
            "4",
            "--deliveries",
            "60",
            "--database",
            Hub.DatabaseConnectionString,
            "--ledger",
            ledger
        );

        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        var letters = JsonSerializer
            .Deserialize<JsonElement>(await File.ReadAllTextAsync(ledger))
            .EnumerateArray()
            .ToArray();
        var ids = string.Join(
            ',',
            letters.Select(letter => $"'{letter.GetProperty("Id").GetGuid()}'")
        );
        var province = JsonSerializer.Deserialize<JsonElement>(
            run.Output.TrimEnd().Split('\n')[^1]
        );
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                run.Output,
                Does.StartWith(
                    string.Create(CultureInfo.InvariantCulture, $"{letters.Length} letters, ")
                )
            );
            Assert.That(
                await Hub.CountAsync($"SELECT count(*) FROM package WHERE id IN ({ids})"),
                Is.EqualTo(letters.Length)
            );
            Assert.That(
                province.GetProperty("deliveries").GetProperty("count").GetInt32(),
                Is.EqualTo(60)
            );
            Assert.That(
                letters
                    .SelectMany(letter => letter.GetProperty("Deliveries").EnumerateArray())
                    .Select(one => one.GetProperty("Settled"))
                    .Where(end => end.ValueKind == JsonValueKind.Object)
                    .Select(end => end.GetProperty("Outcome").GetString()),
                Is.Not.Empty.And.All.Not.Empty
            );
        }
    }

    [TestCase("--month", "2026-13")]
    [TestCase("--agencies", "1")]
    [TestCase("--deliveries", "0")]
    public async Task A_synthetic_month_that_cannot_be_is_refused(string option, string value)
    {
        var run = await CliRun.OfAsync("synthetic-month", option, value);
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("A month such as 2026-10"));
    }

    private async Task ReportAsync(Letter letter, string status)
    {
        using var commune = await Hub.ClientAsync("commune");
        var answer = await commune.SubmitAsync(
            new Report(TestProvince.Commune, status, TestProvince.Office, letter.DocumentId).Bytes()
        );
        Assert.That((int)answer.Status, Is.EqualTo(201), answer.Text);
    }
}
