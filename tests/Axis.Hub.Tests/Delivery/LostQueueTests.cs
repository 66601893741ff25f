using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Tests.Delivery;

/// <summary>A queue that somebody deletes takes its messages along; what they stood for is still in the database.</summary>
public sealed class LostQueueTests
{
    private const string Empty = "{}";

    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings:
            [
                ("Delivery:QueueLookInterval", "00:00:01"),
                ("Delivery:FirstLease", "00:00:05"),
                ("Broker:ConfirmTimeout", "00:00:02"),
            ]
        );
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        await _hub.DisposeAsync();
    }

    [TestCase(0, "axis.inbox.department")]
    [TestCase(1, "axis.inbox.department.urgent")]
    public async Task Letters_that_lay_in_a_deleted_queue_come_all_the_same(
        int priority,
        string queue
    )
    {
        await QueuesAreThereAsync();
        var letter = new Letter(TestProvince.Office, TestProvince.Department)
        {
            Priority = priority,
        };
        var receipt = await _office.SubmitAsync(letter.Signed());
        await IsDispatchedAsync(receipt);

        await LocalServersSetUp.Servers.DeleteQueueAsync(_hub.Amqp, queue);

        await using var department = await ListenToNewAsync(queue);
        var message = await department.NextDeliveryAsync(letter.DocumentId);
        Assert.That(
            message.MessageId,
            Is.EqualTo(receipt.DeliveryTo(TestProvince.Department).ToString())
        );
        var tracked = await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}");
        Assert.That(tracked.Text, Does.Contain("put_back"));
    }

    [Test]
    public async Task Queues_that_are_made_for_the_first_time_are_not_taken_for_lost_ones()
    {
        const string Code = "H99.77";
        await _hub.AddAgencyAsync(Code);
        await _hub.AddOfficeSystemAsync("fresh", Door.Amqp, SignaturePolicy.Record, Code);
        var fresh = await Eventually.GetAsync(async () =>
            await _office.SubmitAsync(new Letter(TestProvince.Office, Code).Signed())
                is { Status: System.Net.HttpStatusCode.Created } receipt
                ? receipt
                : null
        );
        await IsDispatchedAsync(fresh);

        // A queue that was lost later is noted and looked at a second time.
        await QueuesAreThereAsync();
        var lost = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        await IsDispatchedAsync(lost);
        await LocalServersSetUp.Servers.DeleteQueueAsync(_hub.Amqp, "axis.inbox.department");
        await Eventually.HoldsAsync(async () =>
            await PutBackAsync(lost.DeliveryTo(TestProvince.Department)) > 0
            && await NotedAsync(
                "office_system_id = 'department' AND use = 'inbox' AND look_at IS NULL"
            ) == 1
        );

        Assert.That(await NotedAsync("office_system_id = 'fresh'"), Is.Zero);
        Assert.That(await PutBackAsync(fresh.DeliveryTo(Code)), Is.Zero);

        Task<long> NotedAsync(string what) =>
            _hub.CountAsync($"SELECT count(*) FROM remade_queue WHERE {what}");

        Task<long> PutBackAsync(Guid delivery) =>
            _hub.CountAsync(
                $"SELECT count(*) FROM delivery_history WHERE delivery_id = '{delivery}' AND what = 'put_back'"
            );
    }

    [Test]
    public async Task What_was_published_before_its_queue_was_lost_is_not_marked_as_sent()
    {
        await QueuesAreThereAsync();
        using var sender = await _hub.ClientAsync("department");
        var letter = new Letter(TestProvince.Department, TestProvince.Commune);
        await sender.SubmitAsync(letter.Signed());
        await _commune.SubmitAsync(
            new Report(
                TestProvince.Commune,
                "01",
                TestProvince.Department,
                letter.DocumentId
            ).Bytes()
        );
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        await IsDispatchedAsync(receipt);
        var delivery = receipt.DeliveryTo(TestProvince.Department);
        var @event = Guid.Empty;
        await Eventually.HoldsAsync(async () =>
        {
            @event = await IdAsync(
                "SELECT id FROM event WHERE state = 'taken' AND office_system_id = 'department'"
            );
            return @event != Guid.Empty;
        });

        var remade = _hub.Services.GetRequiredService<IRemadeQueues>();
        var before = await remade.GenerationAsync(default);
        // Far ahead, so that the pump of the hub leaves them to this test.
        await ExecuteAsync(
            $"""
            UPDATE delivery SET state = 'waiting', next_attempt_at = now() + interval '1 day' WHERE id = '{delivery}';
            UPDATE event SET state = 'waiting', next_attempt_at = now() + interval '1 day' WHERE id = '{@event}'
            """
        );
        await remade.NoteAsync("department", QueueUse.Inbox, default);
        await remade.NoteAsync("department", QueueUse.Events, default);
        // The hub's second look puts back what is marked about that time: it must be over before this test marks.
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM remade_queue WHERE look_at IS NOT NULL")
            == 0
        );
        await MarkAsync(before);
        Assert.That(await WaitingAsync(), Is.EqualTo(2));

        await MarkAsync(await remade.GenerationAsync(default));
        Assert.That(await WaitingAsync(), Is.Zero);

        async Task MarkAsync(long generation)
        {
            var item = new DispatchItem(
                delivery,
                receipt.PackageId,
                "department",
                Urgent: false,
                0,
                "",
                "",
                "",
                0,
                "",
                "",
                "",
                [],
                0,
                null,
                null
            );
            await _hub
                .Services.GetRequiredService<DeliveryOutbox>()
                .MarkSentAsync([item], generation, TimeSpan.Zero, default);
            await _hub
                .Services.GetRequiredService<EventOutbox>()
                .MarkSentAsync(
                    [new EventRow(@event, "department", "", "{}", 0)],
                    generation,
                    TimeSpan.Zero,
                    default
                );
        }

        Task<long> WaitingAsync() =>
            _hub.CountAsync(
                $"""
                SELECT (SELECT count(*) FROM delivery WHERE id = '{delivery}' AND state = 'waiting')
                    + (SELECT count(*) FROM event WHERE id = '{@event}' AND state = 'waiting')
                """
            );
    }

    [Test]
    public async Task An_acknowledged_letter_does_not_come_back_with_a_new_queue()
    {
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync();
        var collected = new Letter(TestProvince.Office, TestProvince.Department);
        var receipt = await _office.SubmitAsync(collected.Signed());
        await department.NextDeliveryAsync(collected.DocumentId);
        await department.AcknowledgeAsync(receipt.DeliveryTo(TestProvince.Department));
        await Eventually.HoldsAsync(async () => await StateOfAsync(receipt) == "collected");

        await LocalServersSetUp.Servers.DeleteQueueAsync(_hub.Amqp, "axis.inbox.department");
        await using var again = await ListenToNewAsync("axis.inbox.department");
        var later = new Letter(TestProvince.Office, TestProvince.Department);
        await _office.SubmitAsync(later.Signed());
        await again.NextDeliveryAsync(later.DocumentId);

        Assert.That(
            again.Inbox.Select(message => message.Header("x-axis-document-id")),
            Has.None.EqualTo(collected.DocumentId)
        );
        Assert.That(await StateOfAsync(receipt), Is.EqualTo("collected"));
    }

    [Test]
    public async Task Events_that_lay_in_a_deleted_queue_are_told_again_under_their_ids()
    {
        await QueuesAreThereAsync();
        var letter = new Letter(TestProvince.Department, TestProvince.Commune);
        using var sender = await _hub.ClientAsync("department");
        await sender.SubmitAsync(letter.Signed());
        await _commune.SubmitAsync(
            new Report(
                TestProvince.Commune,
                "01",
                TestProvince.Department,
                letter.DocumentId
            ).Bytes()
        );
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM event WHERE state = 'waiting'") == 0
        );

        await LocalServersSetUp.Servers.DeleteQueueAsync(_hub.Amqp, "axis.events.department");

        await using var department = await ListenToNewAsync("axis.events.department");
        var heard = await department.NextEventAsync(one =>
            one.GetProperty("data").GetProperty("documentId").GetString() == letter.DocumentId
        );
        Assert.That(
            await _hub.CountAsync($"SELECT count(*) FROM event WHERE id = '{heard.MessageId}'"),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task All_events_of_a_lost_queue_are_found_whether_they_have_a_place_in_the_feed_or_not()
    {
        const int More = 2_100;
        // Of its own: these events are none that an office system could read.
        await _hub.AddAgencyAsync("H99.78");
        await _hub.AddOfficeSystemAsync("many", Door.Amqp, SignaturePolicy.Record, "H99.78");
        await ExecuteAsync(
            $"""
            INSERT INTO event (id, office_system_id, type, at, delivery_id, body, state, sequence)
            SELECT overlay(uuid7_floor(now())::text placing lpad(to_hex(n), 12, '0') from 25)::uuid,
                CASE WHEN n <= {More} THEN 'many' ELSE 'office' END, 'many', now(), gen_random_uuid(),
                '{Empty}', 'taken', n
            FROM generate_series(1, {More} + 10) AS n
            """
        );
        var lost = _hub.Services.GetServices<IQueueContent>().OfType<LostEvents>().Single();

        await lost.PutBackAsync("many", QueueUse.Events, Span.Ever, default);
        Assert.That(await UntouchedAsync("many"), Is.Zero, "while they get their places");

        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM event_feed WHERE type = 'many'")
                == More + 10
            && await _hub.CountAsync(
                "SELECT count(*) FROM event WHERE type = 'many' AND state = 'waiting'"
            ) == 0
        );
        await ExecuteAsync("UPDATE event SET attempts = 0 WHERE type = 'many'");
        await lost.PutBackAsync("many", QueueUse.Events, Span.Ever, default);
        Assert.That(await UntouchedAsync("many"), Is.Zero, "when they have them");
        Assert.That(await UntouchedAsync("office"), Is.EqualTo(10), "those of others");

        // What is due again is claimed, and a claim counts.
        Task<long> UntouchedAsync(string officeSystem) =>
            _hub.CountAsync(
                $"""
                SELECT count(*) FROM event
                WHERE type = 'many' AND office_system_id = '{officeSystem}' AND state = 'taken' AND attempts = 0
                """
            );
    }

    [Test]
    public async Task The_hub_goes_on_reading_when_its_own_queue_was_deleted()
    {
        var broker = _hub.Services.GetRequiredService<BrokerConnection>();
        var connection = await broker.NumberAsync(CancellationToken.None);
        await LocalServersSetUp.Servers.DeleteQueueAsync(_hub.Amqp, "axis.submissions");

        await Eventually.HoldsAsync(async () =>
            (await LocalServersSetUp.Servers.ListAsync(_hub.Amqp, "queues")).Any(queue =>
                queue.GetProperty("name").GetString() == "axis.submissions"
            )
        );
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync();
        var package = new Letter(TestProvince.Department, TestProvince.Commune).Signed();
        var submitted = await Eventually.GetAsync(async () =>
        {
            try
            {
                return await department.SubmitAsync(package);
            }
            catch (PublishException)
            {
                // The queue is there a moment before its binding: the broker hands the message back.
                return null;
            }
        });
        var answer = await department.AnswerToAsync(submitted);
        Assert.That(answer.Type, Is.EqualTo("axis.receipt"));
        Assert.That(
            await broker.NumberAsync(CancellationToken.None),
            Is.EqualTo(connection),
            "over the connection it had"
        );
    }

    // A queue that goes in the very moment ends the connection of whoever begins to listen to it.
    private Task<AmqpOfficeSystem> ListenToNewAsync(string queue) =>
        Eventually.GetAsync(async () =>
        {
            var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
            try
            {
                await department.ListenAsync(queue);
                return department;
            }
            catch (OperationInterruptedException)
            {
                await department.DisposeAsync();
                return null;
            }
        });

    private async Task QueuesAreThereAsync()
    {
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.WaitForQueuesAsync();
    }

    private Task IsDispatchedAsync(Answer receipt) =>
        Eventually.HoldsAsync(async () => await StateOfAsync(receipt) == "dispatched");

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<Guid> IdAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is Guid id ? id : Guid.Empty;
    }

    private async Task<string> StateOfAsync(Answer receipt)
    {
        await using var command = _hub.Database.CreateCommand(
            $"SELECT state FROM delivery WHERE package_id = '{receipt.PackageId}'"
        );
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
