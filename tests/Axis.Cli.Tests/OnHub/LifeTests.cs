using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axis.TestKit;

namespace Axis.Cli.Tests.OnHub;

/// <summary><c>axis track</c>, <c>watch</c>, <c>webhooks</c>, <c>deadlines</c>, <c>follow-up</c>, <c>extension</c>, <c>notices</c></summary>
public sealed partial class LifeTests : HubTest
{
    private readonly MailServer _mail = new();

    protected override IReadOnlyList<(string Key, string Value)> Settings =>
        [
            ("Webhooks:AllowHttp", "true"),
            ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"),
            ("Notices:SmtpHost", "127.0.0.1"),
            ("Notices:SmtpPort", _mail.Port.ToString(CultureInfo.InvariantCulture)),
            ("Notices:SmtpSecurity", "None"),
            ("Notices:From", "truc@example.vn"),
        ];

    [OneTimeTearDown]
    public void Stop_the_mail_server() => _mail.Dispose();

    [Test]
    public async Task Watch_shows_events_as_they_come_and_goes_on_from_the_cursor_it_ended_with()
    {
        var before = await HeadAsync();

        // It runs while the letter is on its way.
        var watching = AsAsync(Viewer, "watch", "--after", $"{before}", "--count", "2");
        var letter = await LetterWithAsync("01", "03", "06");
        var first = await watching;
        var cursor = Cursor().Match(first.Error).Groups["cursor"].Value;
        var rest = await AsAsync(Viewer, "watch", "--after", cursor, "--count", "1", "--json");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.ExitCode, rest.ExitCode), Is.EqualTo((0, 0)), first.Error);
            Assert.That(
                first.Output.TrimEnd().Split('\n'),
                Has.Length.EqualTo(2).And.All.Contains(letter.DocumentId)
            );
            Assert.That(
                first.Output,
                Does.Match("(?s)arrived.* 01 Đã đến.*received.* 03 Đã tiếp nhận")
            );
            Assert.That(
                JsonSerializer
                    .Deserialize<JsonElement>(rest.Output)
                    .GetProperty("data")
                    .GetProperty("status")
                    .GetString(),
                Is.EqualTo("06"),
                "neither again nor left out"
            );
        }
    }

    [Test]
    public async Task Watch_of_one_letter_shows_no_other()
    {
        var before = await HeadAsync();
        await LetterWithAsync("01");
        var letter = await LetterWithAsync("03");

        var watched = await SaidAsync(
            Viewer,
            "watch",
            "--after",
            $"{before}",
            "--letter",
            $"{letter.Number}/{letter.Notation}",
            "--count",
            "1"
        );

        Assert.That(watched, Does.Contain(letter.DocumentId).And.Contain(" 03 "));
    }

    [Test]
    public async Task A_webhook_is_added_listed_paused_resumed_replayed_rotated_and_removed()
    {
        await using var endpoint = await WebhookEndpoint.StartAsync();
        var added = await SaidAsync(Viewer, "webhooks", "add", endpoint.Address.AbsoluteUri);
        var secret = Secret().Match(added).Value;
        var id = JsonSerializer
            .Deserialize<JsonElement>(await SaidAsync(Viewer, "webhooks", "list", "--json"))
            .GetProperty("items")[0]
            .GetProperty("webhookId")
            .GetString()!;
        await LetterWithAsync("01");
        await Eventually.HoldsAsync(() => Task.FromResult(endpoint.Calls.Count > 0));

        var paused = await JsonAsync("pause", id);
        var resumed = await JsonAsync("resume", id);
        var calls = endpoint.Calls.Count;
        await JsonAsync("replay", id, "--after", "0");
        await Eventually.HoldsAsync(() => Task.FromResult(endpoint.Calls.Count > calls));
        var rotated = await SaidAsync(Viewer, "webhooks", "rotate", id);
        await SaidAsync(Viewer, "webhooks", "remove", id);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(secret, Is.Not.Empty);
            Assert.That(paused.GetProperty("state").GetString(), Is.EqualTo("paused"));
            Assert.That(
                paused.GetProperty("reason").GetString(),
                Is.EqualTo($"paused by {Viewer}")
            );
            Assert.That(resumed.GetProperty("state").GetString(), Is.EqualTo("active"));
            Assert.That(rotated, Does.Contain("The old one signs too until"));
            Assert.That(Secret().Match(rotated).Value, Is.Not.Empty.And.Not.EqualTo(secret));
            Assert.That(
                await SaidAsync(Viewer, "webhooks", "list"),
                Does.Contain("There are no webhooks.")
            );
        }
        var gone = await AsAsync(Viewer, "webhooks", "pause", id);
        Assert.That(gone.ExitCode, Is.EqualTo(1));
        Assert.That(gone.Error, Does.Contain("AXIS-6004"));

        async Task<JsonElement> JsonAsync(string verb, params string[] words) =>
            JsonSerializer.Deserialize<JsonElement>(
                await SaidAsync(Viewer, ["webhooks", verb, .. words, "--json"])
            );
    }

    [Test]
    public async Task Deadlines_are_listed_on_both_sides_and_more_time_is_asked_and_given()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2099/05/12" };
        var delivery = $"{await SentAsync(letter)}";

        var received = await OfficeAsync("commune", "deadlines");
        var asked = await OfficeAsync(
            "commune",
            "extension",
            "ask",
            delivery,
            "--until",
            "2099-06-01",
            "--reason",
            "Cần thêm ý kiến"
        );
        var sent = await OfficeAsync("office", "deadlines", "--sent", "--json");
        var granted = await OfficeAsync("office", "extension", "grant", delivery);
        var overdue = await OfficeAsync("commune", "deadlines", "--overdue");
        var again = await CliRun.OfAsync(
            Words("commune", "extension", "ask", delivery, "--until", "2099-05-01", "--reason", "x")
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Squeezed(received), Does.Contain($"{letter.Number}/UBND-VP"));
            Assert.That(asked, Does.StartWith("asked; due 12/05/2099 17:00"));
            Assert.That(sent, Does.Contain(delivery).And.Contain("extensionAskedUntil"));
            Assert.That(granted, Does.StartWith("granted; due 01/06/2099 17:00"));
            Assert.That(overdue, Does.Contain("Nothing is due."));
            Assert.That(again.ExitCode, Is.EqualTo(1));
            Assert.That(again.Error, Does.Contain("AXIS-5303"));
        }
    }

    [Test]
    public async Task More_time_may_be_declined_with_a_reason()
    {
        var delivery =
            $"{await SentAsync(new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2099/05/12" })}";
        await OfficeAsync(
            "commune",
            "extension",
            "ask",
            delivery,
            "--until",
            "2099-06-01",
            "--reason",
            "Cần thêm ý kiến"
        );

        Assert.That(
            await OfficeAsync(
                "office",
                "extension",
                "decline",
                delivery,
                "--reason",
                "Phải xong trước kỳ họp"
            ),
            Does.StartWith("declined; due 12/05/2099 17:00")
        );
    }

    [Test]
    public async Task Follow_up_lists_what_is_waited_for_until_it_is_done()
    {
        var open = new Letter(TestProvince.Office, TestProvince.Commune);
        await SentAsync(open);
        var done = await LetterWithAsync("06");

        var listed = JsonSerializer
            .Deserialize<JsonElement>(await OfficeAsync("office", "follow-up", "--json"))
            .GetProperty("items")
            .EnumerateArray()
            .Select(item => item.GetProperty("documentId").GetString())
            .ToArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(listed, Does.Contain(open.DocumentId).And.Not.Contain(done.DocumentId));
            Assert.That(
                await OfficeAsync("commune", "follow-up"),
                Does.Contain("Nothing is waited for.")
            );
        }
    }

    [Test]
    public async Task Notices_shows_the_clerks_sets_what_they_hear_and_sends_a_test_mail()
    {
        var nobody = await AsAsync(Registrar, "notices", "test", TestProvince.Commune);
        await Hub.ChangeRegistryAsync(
            """
            INSERT INTO agency_contact (agency_id, name, mail)
            SELECT agency_id, 'Văn thư', 'van-thu@example.vn' FROM agency_code WHERE code = $1
            """,
            TestProvince.Commune
        );
        var set = await SaidAsync(
            Registrar,
            "notices",
            "set",
            TestProvince.Commune,
            "--arrivals",
            "digest",
            "--digest-at",
            "07:30",
            "13:30",
            "--quiet",
            "22:00-06:00"
        );
        var shown = await SaidAsync(Viewer, "notices", "show", TestProvince.Commune);
        var tested = await SaidAsync(Registrar, "notices", "test", TestProvince.Commune);
        await Hub.ChangeRegistryAsync(
            """
            INSERT INTO agency_contact (agency_id, name, mail, ordinal)
            SELECT agency_id, 'Dự phòng', 'gone@example.vn', 2 FROM agency_code WHERE code = $1
            """,
            TestProvince.Commune
        );
        _mail.Refused["gone@example.vn"] = "550 no such user";
        var partly = await SaidAsync(Registrar, "notices", "test", TestProvince.Commune);
        _mail.Mood = MailServerMood.Refusing;
        var refused = await AsAsync(Registrar, "notices", "test", TestProvince.Commune);
        _mail.Mood = MailServerMood.Well;
        var viewer = await AsAsync(Viewer, "notices", "test", TestProvince.Commune);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(nobody.Error, Does.Contain("AXIS-5422"));
            Assert.That(set, Does.Contain("arrivals  digest").And.Contain("delays    off"));
            Assert.That(
                shown,
                Does.Contain("van-thu@example.vn")
                    .And.Contain("digests   07:30, 13:30")
                    .And.Contain("quiet     22:00-06:00")
            );
            Assert.That(tested, Does.Contain("van-thu@example.vn"));
            Assert.That(
                partly,
                Does.Contain("van-thu@example.vn").And.Contain("refused   gone@example.vn (550")
            );
            Assert.That(
                _mail.Mails.Select(mail => mail.Subject),
                Does.Contain("[Trục liên thông] Thư kiểm tra")
            );
            Assert.That(
                refused.Error,
                Does.Contain("AXIS-5423").And.Contain("máy chủ từ chối thư")
            );
            Assert.That(viewer.ExitCode, Is.EqualTo(1), "registrars only");
        }
    }

    /// <summary>The place in the feed behind all that was written up to now; what has none yet would come after it.</summary>
    private async Task<long> HeadAsync()
    {
        await Eventually.HoldsAsync(async () =>
            await Hub.CountAsync(
                "SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT FROM event_feed f WHERE f.event_id = e.id)"
            ) == 0
        );
        return await Hub.CountAsync("SELECT position FROM event_feed_head");
    }

    /// <summary>A letter that the commune has reported so.</summary>
    private async Task<Letter> LetterWithAsync(params string[] statuses)
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        await SentAsync(letter);
        using var commune = await Hub.ClientAsync("commune");
        foreach (var status in statuses)
        {
            await commune.SubmitAsync(
                new Report(
                    TestProvince.Commune,
                    status,
                    TestProvince.Office,
                    letter.DocumentId
                ).Bytes()
            );
        }
        return letter;
    }

    private async Task<Guid> SentAsync(Letter letter)
    {
        using var office = await Hub.ClientAsync("office");
        var receipt = await office.SubmitAsync(letter.Signed());
        Assert.That((int)receipt.Status, Is.EqualTo(201), receipt.Text);
        return receipt.DeliveryTo(letter.To[0]);
    }

    /// <summary>One run as an office system, which must succeed; what it printed.</summary>
    private async Task<string> OfficeAsync(string system, params string[] words)
    {
        var run = await CliRun.OfAsync(Words(system, words));
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        return run.Output;
    }

    private string[] Words(string system, params string[] words) =>
        [
            .. words,
            "--hub",
            Hub.Http.AbsoluteUri,
            "--client-id",
            system,
            "--client-secret",
            Hub.SecretOf(system),
        ];

    /// <summary>A narrow table breaks its cells into lines.</summary>
    private static string Squeezed(string table) => Breaks().Replace(table, "");

    [GeneratedRegex("--after (?<cursor>[0-9]+)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Cursor();

    [GeneratedRegex("whsec_[A-Za-z0-9+/=]+", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Breaks();
}
