using System.Net;
using Axis.Hub.Registry;
using Axis.LocalServers;
using Axis.TestKit;
using NUnit.Framework.Interfaces;

namespace Axis.Resilience.Tests;

/// <summary>
/// A queue that is declared and takes nothing: the hub finds it, makes it anew and sends again what it held, and nobody
/// else waits for that.
/// </summary>
public sealed partial class DeadQueueTests
{
    private const string Branch = "H99.03";

    private readonly string _folder = $"/var/tmp/axis-dead-{Environment.ProcessId}";
    private PrivateServers _servers = null!;
    private SharedTestServers _shared = null!;
    private TestHub _hub = null!;
    private HttpClient _office = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _servers = await PrivateServers.StartAsync(
            new PrivateServersOptions(_folder, WithManagement: true),
            new Progress<string>()
        );
        _shared = SharedTestServers.On(_servers);
        _hub = await TestProvince.StartAsync(
            _shared,
            asProcess: true,
            settings:
            [
                ("Delivery:FirstLease", "00:00:05"),
                ("Delivery:LongestRetry", "00:00:02"),
                ("Delivery:QueueLookInterval", "00:00:01"),
                ("Delivery:DeadQueueAfter", "00:00:03"),
                ("Broker:ConfirmTimeout", "00:00:02"),
            ]
        );
        await _hub.AddAgencyAsync(Branch);
        await _hub.AddOfficeSystemAsync("branch", Door.Amqp, SignaturePolicy.Record, Branch);
        _office = await _hub.ClientAsync("office");
        // A hub in another process learns of a new office system within a moment; its broker asks it at each login.
        using var known = await _hub.ClientAsync("branch");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        await _hub.DisposeAsync();
        await _shared.DisposeAsync();
        await PrivateServers.PurgeAsync(_folder);
        await _servers.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [TearDown]
    public async Task TellWhyAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed)
        {
            // It becomes part of the message: what was not reproduced must explain itself.
            Assert.Fail(await QueueStory.TellAsync(_hub));
        }
    }

    [TestCase(QueueHarm.LosesItsProcess, 0, "axis.inbox.department")]
    [TestCase(QueueHarm.Hangs, 0, "axis.inbox.department")]
    [TestCase(QueueHarm.LosesItsProcess, 1, "axis.inbox.department.urgent")]
    public async Task Letters_in_an_inbox_that_died_come_again_and_so_do_those_sent_to_it_meanwhile(
        QueueHarm harm,
        int priority,
        string queue
    )
    {
        var before = await SendAsync(priority);
        await Eventually.HoldsAsync(async () => await CountAsync(before, "dispatched") == 1);

        await BreakAsync(queue, harm);
        var after = await SendAsync(priority);

        await IsPutBackAsync(before);
        await ArriveAsync(queue, before, after);
    }

    [Test]
    public async Task Letters_that_lie_in_a_dead_queue_are_found_though_nothing_more_is_sent_to_it()
    {
        const string Queue = "axis.inbox.department";
        var letter = await SendAsync(priority: 0);
        await Eventually.HoldsAsync(async () => await CountAsync(letter, "dispatched") == 1);

        await BreakAsync(Queue, QueueHarm.LosesItsProcess);

        await IsPutBackAsync(letter);
        await ArriveAsync(Queue, letter);
    }

    [Test]
    public async Task A_recipient_that_listened_to_the_dead_queue_is_made_to_listen_to_the_new_one()
    {
        const string Queue = "axis.inbox.department";
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync(Queue);

        await BreakAsync(Queue, QueueHarm.LosesItsProcess);

        // RabbitMQ tells the consumer of a dead queue nothing; its connection is closed, and that it hears.
        await Eventually.HoldsAsync(() => Task.FromResult(!department.Channel.IsOpen));
        await ArriveAsync(Queue, await SendAsync(priority: 0));
    }

    [TestCase(QueueHarm.LosesItsProcess)]
    [TestCase(QueueHarm.Hangs)]
    public async Task A_dead_event_queue_is_made_anew_and_the_events_of_others_do_not_wait_for_it(
        QueueHarm harm
    )
    {
        await using var branch = await AmqpOfficeSystem.ConnectAsync(_hub, "branch");
        await branch.ListenAsync("axis.events.branch");
        await BreakAsync("axis.events.department", harm);

        var dead = new Letter(TestProvince.Department, TestProvince.Commune);
        var well = new Letter(Branch, TestProvince.Commune);
        await ReportOnAsync(dead, "department");
        await ReportOnAsync(well, "branch");

        await branch.NextEventAsync(one =>
            one.GetProperty("data").GetProperty("documentId").GetString() == well.DocumentId
        );
        await ReadAsync(
            "axis.events.department",
            department => department.HasHeardOf(dead.DocumentId)
        );
    }

    [Test]
    public async Task Late_answers_of_an_event_queue_that_the_hub_gave_up_lose_nothing_and_hold_up_nobody()
    {
        const string Queue = "axis.events.department";
        // It hangs for longer than publishes wait, and for less than makes it a dead queue.
        await RestartAsync(("Delivery:DeadQueueAfter", "01:00:00"));
        var remade = await _hub.CountAsync("SELECT coalesce(max(generation), 0) FROM remade_queue");
        try
        {
            await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
            await department.ListenAsync(Queue);
            // The channels of the hub know the queue.
            var before = new Letter(TestProvince.Department, TestProvince.Commune);
            var known = await department.SubmitAsync(before.Signed());
            await department.AnswerToAsync(known);
            await ReportAsync(before);
            await Eventually.HoldsAsync(() =>
                Task.FromResult(department.HasHeardOf(before.DocumentId))
            );

            await BreakAsync(Queue, QueueHarm.Hangs);
            var letter = new Letter(TestProvince.Department, TestProvince.Commune);
            var submission = await department.SubmitAsync(letter.Signed());
            await Eventually.HoldsAsync(async () =>
                await _hub.CountAsync(
                    $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'"
                ) == 1
            );
            await ReportAsync(letter);
            // Both were published, and given up.
            await Eventually.HoldsAsync(async () =>
                await _hub.CountAsync(
                    "SELECT count(*) FROM event_breaker WHERE office_system_id = 'department' AND state = 'open'"
                ) == 1
            );

            await using var branch = await AmqpOfficeSystem.ConnectAsync(_hub, "branch");
            await branch.ListenAsync("axis.events.branch");
            var other = new Letter(Branch, TestProvince.Commune);
            var asked = await branch.SubmitAsync(other.Signed());
            Assert.That((await branch.AnswerToAsync(asked)).Type, Is.EqualTo("axis.receipt"));
            await ReportAsync(other);
            await branch.NextEventAsync(one =>
                one.GetProperty("data").GetProperty("documentId").GetString() == other.DocumentId
            );

            await _servers.LetQueueAnswerAsync(VirtualHost, Queue);
            Assert.That(
                (await department.AnswerToAsync(submission)).Type,
                Is.EqualTo("axis.receipt")
            );
            await Eventually.HoldsAsync(() =>
                Task.FromResult(department.HasHeardOf(letter.DocumentId))
            );
            await Eventually.HoldsAsync(async () =>
                await _hub.CountAsync("SELECT count(*) FROM event WHERE state = 'waiting'") == 0
            );
            // Repeats on the wire are the same event.
            Assert.That(
                department
                    .Events.Where(message =>
                        message.Type == "axis.event"
                        && message.Json.GetProperty("data").GetProperty("documentId").GetString()
                            == letter.DocumentId
                    )
                    .Select(message => message.MessageId)
                    .Distinct()
                    .Count(),
                Is.EqualTo(1)
            );
            Assert.That(
                await _hub.CountAsync("SELECT coalesce(max(generation), 0) FROM remade_queue"),
                Is.EqualTo(remade),
                "nothing was deleted"
            );
        }
        finally
        {
            await RestartAsync(("Delivery:DeadQueueAfter", "00:00:03"));
        }
    }

    private async Task RestartAsync((string Key, string Value) setting)
    {
        _hub.Set(setting.Key, setting.Value);
        await RunAsync(null);
    }

    [Test]
    public async Task The_hub_s_own_queue_is_made_anew_and_read_from()
    {
        await BreakAsync("axis.submissions", QueueHarm.LosesItsProcess);

        // A submission that is not answered is sent again: its connection was closed with the queue.
        var submission = new Letter(TestProvince.Department, TestProvince.Commune).Signed();
        await Eventually.HoldsAsync(async () =>
        {
            await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
            try
            {
                await department.ListenAsync("axis.events.department");
                var message = await department.SubmitAsync(submission);
                await Eventually.HoldsAsync(() =>
                    Task.FromResult(
                        department.AnswersTo(message).Any() || !department.Channel.IsOpen
                    )
                );
                return department.AnswersTo(message).Any(answer => answer.Type == "axis.receipt");
            }
            catch (Exception e)
                when (e is RabbitMQ.Client.Exceptions.RabbitMQClientException
                    || e is OperationCanceledException
                )
            {
                return false;
            }
        });
    }

    private async Task<Letter> SendAsync(int priority)
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Department)
        {
            Priority = priority,
        };
        var answer = await _office.SubmitAsync(letter.Signed());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return letter;
    }

    private async Task ReportOnAsync(Letter letter, string sender)
    {
        using var from = await _hub.ClientAsync(sender);
        var answer = await from.SubmitAsync(letter.Signed());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        await ReportAsync(letter);
    }

    private async Task ReportAsync(Letter letter)
    {
        using var commune = await _hub.ClientAsync("commune");
        var answer = await commune.SubmitAsync(
            new Report(TestProvince.Commune, "01", letter.From, letter.DocumentId).Bytes()
        );
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
    }

    private string VirtualHost => Uri.UnescapeDataString(_hub.Amqp.AbsolutePath.TrimStart('/'));

    private Task BreakAsync(string queue, QueueHarm harm) =>
        _servers.BreakQueueAsync(VirtualHost, queue, harm);

    private Task IsPutBackAsync(Letter letter) =>
        Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                $"""
                SELECT count(*) FROM delivery_history h JOIN delivery d ON d.id = h.delivery_id
                    JOIN package p ON p.id = d.package_id
                WHERE p.document_id = '{letter.DocumentId}' AND h.what = 'put_back'
                """
            ) > 0
        );

    private Task<long> CountAsync(Letter letter, string state) =>
        _hub.CountAsync(
            $"""
            SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id
            WHERE p.document_id = '{letter.DocumentId}' AND d.state = '{state}'
            """
        );

    private async Task ArriveAsync(string queue, params Letter[] letters)
    {
        foreach (var letter in letters)
        {
            await Eventually.HoldsAsync(async () => await CountAsync(letter, "dispatched") == 1);
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await ReadAsync(
            queue,
            department =>
            {
                seen.UnionWith(
                    department.Inbox.Select(message => message.Header("x-axis-document-id")!)
                );
                return letters.All(letter => seen.Contains(letter.DocumentId));
            }
        );
    }

    /// <summary>As an office system does whose connection may be closed: connect, consume, and again.</summary>
    private Task ReadAsync(string queue, Func<AmqpOfficeSystem, bool> isDone) =>
        Eventually.HoldsAsync(async () =>
        {
            await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
            try
            {
                await department.ListenAsync(queue);
            }
            catch (Exception e)
                when (e is RabbitMQ.Client.Exceptions.OperationInterruptedException
                    || e is OperationCanceledException
                )
            {
                return false;
            }
            await Eventually.HoldsAsync(() =>
                Task.FromResult(isDone(department) || !department.Channel.IsOpen)
            );
            return isDone(department);
        });
}
