using System.Net;
using System.Security.Cryptography;
using Axis.Hub;
using Axis.LocalServers;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>
/// Every place to die of docs/durability.md: the hub dies exactly there, once, starts again, and what the page says
/// must be so. The numbers are those of its table.
/// </summary>
public sealed partial class CrashPointTests : CrashTest
{
    [Test]
    [DiesAt(CrashPoint.UploadBegun)] // 1
    public async Task While_a_package_comes_in_nothing_is_kept_and_the_remains_are_swept()
    {
        var (letter, package) = Large();
        await DyingAsync(CrashPoint.UploadBegun, office => UnansweredAsync(office, package));

        Assert.That(await StoredAsync(letter), Is.Zero);
        Assert.That(Directory.GetFiles(Path.Combine(Hub.PayloadFolder, "uploads")), Is.Empty);
        await IsAcceptedAndCollectedAsync(letter, package, HttpStatusCode.Created);
    }

    [Test]
    [DiesAt(CrashPoint.PayloadKept)] // 2
    public async Task A_file_that_no_row_names_gives_way_to_the_repeat()
    {
        var (letter, package) = Large();
        await DyingAsync(CrashPoint.PayloadKept, office => UnansweredAsync(office, package));

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(package));
        Assert.That(
            File.Exists(Path.Combine(Hub.PayloadFolder, sha256[..2], sha256 + ".edxml")),
            "the file is there"
        );
        Assert.That(await StoredAsync(letter), Is.Zero);
        await IsAcceptedAndCollectedAsync(letter, package, HttpStatusCode.Created);
    }

    [Test]
    public async Task A_statement_under_way_is_done_or_not_done() // 3, the hub
    {
        await RunSoundAsync();
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var package = letter.Signed();
        using var office = await Hub.ClientAsync("office");
        await using (await LockAsync())
        {
            var unanswered = UnansweredAsync(office, package);
            await StatementWaitsAsync();
            await Hub.KillAsync();
            await unanswered;
        }
        await Hub.RunAsync();

        // The statement of the dead went on alone, or ended with its connection: both are right, half is not.
        Assert.That(await StoredAsync(letter), Is.AnyOf(0L, 1L));
        var answer = await office.SubmitAsync(package);
        Assert.That(answer.Status, Is.AnyOf(HttpStatusCode.Created, HttpStatusCode.OK));
        Assert.That(await StoredAsync(letter), Is.EqualTo(1));
        Assert.That(await InboxCountAsync(letter), Is.EqualTo(1));
    }

    [Test]
    public async Task A_database_that_drops_the_statement_makes_the_sender_repeat() // 3, the database
    {
        await RunSoundAsync();
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var package = letter.Signed();
        using var office = await Hub.ClientAsync("office");
        Answer first;
        await using (await LockAsync())
        {
            var submitted = office.SubmitAsync(package);
            await StatementWaitsAsync();
            await Hub.CountAsync(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE " + Waiting
            );
            first = await submitted;
        }
        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), first.Text);
        Assert.That(first.Codes, Is.EqualTo(new[] { "AXIS-9003" }));

        Assert.That(
            (await office.SubmitAsync(package)).Status,
            Is.AnyOf(HttpStatusCode.Created, HttpStatusCode.OK)
        );
        Assert.That(await StoredAsync(letter), Is.EqualTo(1));
        Assert.That(await InboxCountAsync(letter), Is.EqualTo(1));
    }

    [Test]
    [DiesAt(CrashPoint.DocumentsCommitted)] // 4 and 5
    public async Task What_is_committed_gets_its_first_receipt_and_is_dispatched_a_lease_later()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Department, TestProvince.Commune);
        var package = letter.Signed();
        await AnnounceArrivalsAsync(true);
        await DyingAsync(CrashPoint.DocumentsCommitted, office => UnansweredAsync(office, package));

        Assert.That(await StoredAsync(letter), Is.EqualTo(1));
        // The dead told nobody; the event was committed with the letter.
        await IsToldOnceAsync(letter, TestProvince.Commune);
        await IsAcceptedAndCollectedAsync(letter, package, HttpStatusCode.OK);
        await IsToldOnceAsync(letter, TestProvince.Department);
        await AnnounceArrivalsAsync(false);
        await using var department = await ListeningDepartmentAsync();
        Assert.That(
            (await department.NextDeliveryAsync(letter.DocumentId)).Body,
            Is.EqualTo(package)
        );
    }

    [Test]
    [DiesAt(CrashPoint.MessagesTaken)] // 5
    public async Task What_the_publisher_held_in_its_hand_is_published_a_lease_later()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Department);
        await DyingAsync(
            CrashPoint.MessagesTaken,
            // The receipt may have gone out before.
            office => AnsweredOrNotAsync(office, letter.Signed())
        );

        await using var department = await ListeningDepartmentAsync();
        await department.NextDeliveryAsync(letter.DocumentId);
        await IsDispatchedAsync(letter);
    }

    [Test]
    public async Task A_confirm_that_was_never_seen_makes_a_repeat_under_the_same_id() // 6
    {
        await using var relay = TcpRelay.Start(0, Hub.Amqp.Port);
        var direct = Hub.Amqp.AbsoluteUri;
        Hub.Set(
            "Broker:Uri",
            new UriBuilder(Hub.Amqp) { Port = relay.Port }
                .Uri
                .AbsoluteUri
        );
        await RunSoundAsync();
        // For every start after this one.
        Hub.Set("Broker:Uri", direct);
        var letter = new Letter(TestProvince.Office, TestProvince.Department);
        await using var department = await ListeningDepartmentAsync();
        using (var office = await Hub.ClientAsync("office"))
        {
            var first = new Letter(TestProvince.Office, TestProvince.Department);
            await office.SubmitAsync(first.Signed());
            await department.NextDeliveryAsync(first.DocumentId);
            await IsDispatchedAsync(first);
            relay.Hold(RelayWay.ToClient);
            await office.SubmitAsync(letter.Signed());
            // The message is on the queue, and the hub does not know.
            await department.NextDeliveryAsync(letter.DocumentId);
            await Hub.KillAsync();
        }
        await Hub.RunAsync();

        await CameTwiceUnderOneIdAsync(department, letter);
    }

    [Test]
    [DiesAt(CrashPoint.MessagesConfirmed)] // 7
    public async Task A_confirm_that_was_not_written_down_makes_a_repeat_under_the_same_id()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Department);
        await AnnounceArrivalsAsync(true);
        await DyingAsync(
            CrashPoint.MessagesConfirmed,
            office => AnsweredOrNotAsync(office, letter.Signed())
        );

        await using var department = await ListeningDepartmentAsync();
        await CameTwiceUnderOneIdAsync(department, letter);
        await IsToldOnceAsync(letter, TestProvince.Department);
        await AnnounceArrivalsAsync(false);
    }

    [Test]
    [DiesAt(CrashPoint.QueueContentPutBack)] // 9
    public async Task A_lost_queue_is_found_lost_again_by_the_next_one_who_looks()
    {
        await RunSoundAsync();
        var letter = new Letter(TestProvince.Office, TestProvince.Department);
        using (var office = await Hub.ClientAsync("office"))
        {
            await office.SubmitAsync(letter.Signed());
            await IsDispatchedAsync(letter);
        }
        await DyingAsync(
            CrashPoint.QueueContentPutBack,
            _ => LocalServersSetUp.Servers.DeleteQueueAsync(Hub.Amqp, "axis.inbox.department")
        );

        await using var department = await ListeningDepartmentAsync();
        await department.NextDeliveryAsync(letter.DocumentId);
        await IsDispatchedAsync(letter);
    }

    [Test]
    [DiesAt(CrashPoint.QueueMadeAnew)] // 21
    public async Task A_letter_that_was_marked_while_its_lost_queue_was_made_anew_comes_all_the_same()
    {
        await QueuesAreThereAsync();
        await ArmAsync(CrashPoint.QueueMadeAnew);
        var letter = new Letter(TestProvince.Office, TestProvince.Department);
        await using (await HoldMarksAsync())
        {
            using var office = await Hub.ClientAsync("office");
            await office.SubmitAsync(letter.Signed());
            // On its queue, and its mark under way.
            await StatementWaitsAsync();
            await LocalServersSetUp.Servers.DeleteQueueAsync(Hub.Amqp, "axis.inbox.department");
            await Hub.DiesAsync();
        }
        // PostgreSQL goes on with the statement of the dead.
        await IsDispatchedAsync(letter);

        await RunSoundAsync();
        await using var again = await ListeningDepartmentAsync();
        await again.NextDeliveryAsync(letter.DocumentId);
    }

    [TestCase(CrashPoint.SubmissionHandled, 1)] // 10
    [TestCase(CrashPoint.SubmissionAnswered, 2)] // 11
    [DiesAt(CrashPoint.SubmissionHandled)]
    [DiesAt(CrashPoint.SubmissionAnswered)]
    public async Task A_submission_over_AMQP_is_answered_with_its_first_receipt(
        CrashPoint point,
        int answers
    )
    {
        await ArmAsync(point);
        await using var department = await ListeningDepartmentAsync();
        var letter = new Letter(TestProvince.Department, TestProvince.Commune);
        var submission = await department.SubmitAsync(letter.Signed());
        await Hub.DiesAsync();
        await RunSoundAsync();

        var receipt = await department.AnswerToAsync(submission);
        Assert.That(receipt.Type, Is.EqualTo("axis.receipt"));
        await Eventually.HoldsAsync(() =>
            Task.FromResult(department.AnswersTo(submission).Count == answers)
        );
        Assert.That(
            department
                .AnswersTo(submission)
                .Select(answer => answer.Json.GetProperty("packageId").GetGuid())
                .Distinct()
                .Count(),
            Is.EqualTo(1)
        );
        Assert.That(await StoredAsync(letter), Is.EqualTo(1));
        Assert.That(await InboxCountAsync(letter), Is.EqualTo(1));
    }

    [Test]
    [DiesAt(CrashPoint.ReportsCommitted)] // 12
    public async Task The_event_of_a_committed_report_is_told_a_lease_later()
    {
        await RunSoundAsync();
        var letter = new Letter(TestProvince.Department, TestProvince.Commune);
        using (var sender = await Hub.ClientAsync("department"))
        {
            await sender.SubmitAsync(letter.Signed());
        }
        var report = new Report(
            TestProvince.Commune,
            "03",
            TestProvince.Department,
            letter.DocumentId
        ).Bytes();
        await DyingAsync(CrashPoint.ReportsCommitted, _ => UnansweredAsync("commune", report));

        await using var department = await ListeningDepartmentAsync();
        await department.NextEventAsync(one =>
            one.GetProperty("data").GetProperty("documentId").GetString() == letter.DocumentId
        );
        using var commune = await Hub.ClientAsync("commune");
        Assert.That(
            (await commune.SubmitAsync(report)).Status,
            Is.EqualTo(HttpStatusCode.OK),
            "the repeat is known as one"
        );
    }

    [Test]
    public async Task A_recipient_that_dies_with_a_message_gets_it_again() // 13
    {
        await RunSoundAsync();
        var letter = new Letter(TestProvince.Office, TestProvince.Department);
        using var office = await Hub.ClientAsync("office");
        await office.SubmitAsync(letter.Signed());
        await using (var dying = await AmqpOfficeSystem.ConnectAsync(Hub, "department"))
        {
            await dying.TakeWithoutAcknowledgingAsync("axis.inbox.department", letter.DocumentId);
        }

        await using var department = await ListeningDepartmentAsync();
        await department.NextDeliveryAsync(letter.DocumentId);
    }

    [Test]
    [DiesAt(CrashPoint.AcknowledgementCommitted)] // 14
    public async Task An_acknowledgement_that_was_not_answered_may_be_repeated()
    {
        await RunSoundAsync();
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        Guid delivery;
        using (var office = await Hub.ClientAsync("office"))
        {
            delivery = (await office.SubmitAsync(letter.Signed())).DeliveryTo(TestProvince.Commune);
        }
        await DyingAsync(
            CrashPoint.AcknowledgementCommitted,
            async _ =>
            {
                using var dying = await Hub.ClientAsync("commune");
                try
                {
                    await dying.AcknowledgeAsync(delivery);
                    Assert.Fail("The hub answered before it died");
                }
                catch (HttpRequestException)
                {
                    // As it should be.
                }
            }
        );

        Assert.That(await InboxCountAsync(letter), Is.Zero);
        using var commune = await Hub.ClientAsync("commune");
        Assert.That(await commune.AcknowledgeAsync(delivery), Is.EqualTo(HttpStatusCode.NoContent));
    }
}
