using System.Text.RegularExpressions;
using Axis.TestKit;

namespace Axis.Cli.Tests.OnHub;

/// <summary><c>axis audit …</c>, <c>axis deliveries …</c></summary>
public sealed class AuditTests : HubTest
{
    [Test]
    public async Task The_log_names_who_did_what_refusals_included()
    {
        await SaidAsync(Registrar, "systems", "lock", "commune");
        await SaidAsync(Registrar, "systems", "unlock", "commune");
        await AsAsync(Viewer, "systems", "lock", "commune");
        // What was refused is written behind the answer.
        await Eventually.HoldsAsync(async () =>
        {
            var said = await SaidAsync(Auditor, "audit", "list", "--limit", "1000");
            return Locked(Registrar).IsMatch(said) && Refusal(Viewer).IsMatch(said);
        });
        Assert.That(
            (await AsAsync(Viewer, "audit", "list")).ExitCode,
            Is.EqualTo(1),
            "for auditors alone"
        );
    }

    private static Regex Locked(string who) =>
        new($@"{who}\s.*office_system\.lock\s+ok\s", RegexOptions.NonBacktracking);

    private static Regex Refusal(string who) =>
        new($@"{who}\s.*denied\s.*AXIS-2004", RegexOptions.NonBacktracking);

    [Test]
    public async Task An_export_verifies_until_a_row_of_it_is_altered()
    {
        await SaidAsync(Registrar, "systems", "lock", "commune");
        await SaidAsync(Registrar, "systems", "unlock", "commune");
        var file = In("nhat-ky.jsonl");
        Assert.That(await SaidAsync(Auditor, "audit", "export", file), Does.Contain("is written"));
        Assert.That(await SaidAsync(Auditor, "audit", "verify", file), Does.Contain("in order."));
        Assert.That(await SaidAsync(Auditor, "audit", "verify"), Does.Contain("in order."));

        var text = await File.ReadAllTextAsync(file);
        var forged = Write(
            "gia.jsonl",
            text.Replace(Registrar, "nguoi-khac", StringComparison.Ordinal)
        );
        var verdict = await AsAsync(Auditor, "audit", "verify", forged);
        Assert.That(verdict.ExitCode, Is.EqualTo(1));
        Assert.That(verdict.Output, Does.Contain("NOT as the hub wrote it."));
        Assert.That(
            (await AsAsync(Auditor, "audit", "export", file)).ExitCode,
            Is.EqualTo(1),
            "never over a file that is there"
        );
    }

    [Test]
    public async Task Deliveries_that_wait_are_listed_and_tried_again()
    {
        using var commune = await Hub.ClientAsync("commune");
        // Nobody serves the ministry here: it is held for the national axis.
        var letter = new Letter(TestProvince.Commune, TestProvince.Ministry);
        var receipt = await commune.SubmitAsync(letter.Unsigned());
        var delivery = receipt.DeliveryTo(TestProvince.Ministry).ToString();
        Assert.That(
            await SaidAsync(Viewer, "deliveries", "list", "--state", "held"),
            Does.Contain(delivery)
        );
        Assert.That(
            await SaidAsync(Viewer, "deliveries", "groups"),
            Does.Contain("Nothing was given up.")
        );
        Assert.That(
            await SaidAsync(Viewer, "deliveries", "retry", "--office-system", "office"),
            Does.Contain("0 deliveries and 0 events are due now")
        );
        Assert.That((await AsAsync(Viewer, "deliveries", "retry")).ExitCode, Is.EqualTo(2));
        Assert.That(
            await SaidAsync(Viewer, "deliveries", "list", "--agency", TestProvince.Second),
            Does.Contain("No such delivery.")
        );
    }

    [Test]
    public async Task A_stopped_queue_is_seen_with_its_next_try_and_tried_now()
    {
        await using var stop = Hub.Database.CreateCommand(
            """
            INSERT INTO event_breaker (office_system_id, state, failures, last_error, changed_at, next_probe_at)
            VALUES ('department', 'open', 9, 'it takes nothing', now(), now() + interval '1 day')
            """
        );
        await stop.ExecuteNonQueryAsync();

        Assert.That(
            await SaidAsync(Viewer, "routes", "list", "--json"),
            Does.Contain("it takes nothing").And.Contain("nextTryAt")
        );
        Assert.That(
            await SaidAsync(Viewer, "routes", "retry", "department"),
            Does.Contain("0 deliveries and 0 events are due now")
        );
        // With nothing that could be tried, the next event is the probe.
        await Eventually.HoldsAsync(async () =>
            await Hub.CountAsync("SELECT count(*) FROM event_breaker WHERE state = 'open'") == 0
        );
    }
}
