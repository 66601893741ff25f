using System.Net;
using System.Security.Cryptography;
using Axis.LocalServers;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>
/// The seconds between the death of a server and its return: what is accepted then comes from the rows, all of it and
/// without a restart of the hub; and what cannot be accepted waits where it is.
/// </summary>
public sealed class OutageTests
{
    private const int Prefetch = 16;

    private readonly string _folder = $"/var/tmp/axis-outage-{Environment.ProcessId}";
    private PrivateServers _servers = null!;
    private SharedTestServers _shared = null!;
    private TestHub _hub = null!;

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
            settings:
            [
                ("Delivery:FirstLease", "00:00:05"),
                ("Delivery:LongestRetry", "00:00:05"),
                ("Broker:ConfirmTimeout", "00:00:04"),
                ("Broker:SubmissionPrefetch", $"{Prefetch}"),
            ]
        );
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _hub.DisposeAsync();
        await _shared.DisposeAsync();
        await PrivateServers.PurgeAsync(_folder);
        await _servers.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_is_accepted_while_the_broker_goes_is_away_and_comes_back_all_arrives(
        bool killed
    )
    {
        using var office = await _hub.ClientAsync("office");
        var sent = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await SendAsync(20);
        var going = killed ? _servers.KillBrokerAsync() : _servers.StopBrokerAsync();
        while (!going.IsCompleted)
        {
            // In the seconds in which connections are half dead and publishes get lost.
            await SendAsync(1);
        }
        await going;
        await SendAsync(20);
        await _servers.RestartBrokerAsync();
        await SendAsync(20);

        await using var department = await Eventually.GetAsync(TryConnectAsync);
        await department.ListenAsync();
        await Eventually.HoldsAsync(() =>
            Task.FromResult(
                sent.Keys.All(documentId =>
                    department.Inbox.Any(message =>
                        message.Header("x-axis-document-id") == documentId
                    )
                )
            )
        );
        foreach (
            var copies in department
                .Inbox.Where(message => sent.ContainsKey(message.Header("x-axis-document-id")!))
                .GroupBy(message => message.Header("x-axis-document-id")!)
        )
        {
            Assert.That(copies.Select(copy => copy.MessageId).Distinct().Count(), Is.EqualTo(1));
            Assert.That(
                copies.Select(copy => SHA256.HashData(copy.Body)),
                Is.All.EqualTo(sent[copies.Key])
            );
        }
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM delivery WHERE state = 'waiting'") == 0
        );

        async Task SendAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var letter = new Letter(TestProvince.Office, TestProvince.Department);
                var package = letter.Signed();
                var answer = await office.SubmitAsync(package);
                Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
                sent[letter.DocumentId] = SHA256.HashData(package);
            }
        }
    }

    [Test]
    public async Task While_the_database_is_away_submissions_wait_on_the_broker_and_none_is_set_aside()
    {
        await using var department = await Eventually.GetAsync(TryConnectAsync);
        await department.ListenAsync();
        await _servers.KillPostgresAsync();

        var submissions = new List<string>();
        for (var i = 0; i < Prefetch * 4; i++)
        {
            submissions.Add(
                await department.SubmitAsync(
                    new Letter(TestProvince.Department, TestProvince.Commune).Signed()
                )
            );
        }
        // The hub takes as many in its hand as it may, and leaves the others.
        await Eventually.HoldsAsync(async () =>
            (await _shared.ListAsync(_hub.Amqp, "queues")).Any(queue =>
                queue.GetProperty("name").GetString() == "axis.submissions"
                && queue.TryGetProperty("messages_ready", out var ready)
                && ready.GetInt64() == Prefetch * 3
            )
        );
        await _servers.RestartPostgresAsync();

        foreach (var submission in submissions)
        {
            Assert.That(
                (await department.AnswerToAsync(submission)).Type,
                Is.EqualTo("axis.receipt")
            );
        }
        Assert.That(
            (await _shared.ListAsync(_hub.Amqp, "queues"))
                .Where(queue => queue.GetProperty("name").GetString() == "axis.submissions.dead")
                .Select(queue =>
                    queue.TryGetProperty("messages", out var count) ? count.GetInt64() : 0
                ),
            Is.EqualTo(new[] { 0L })
        );
    }

    private async Task<AmqpOfficeSystem?> TryConnectAsync()
    {
        try
        {
            return await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        }
        catch (RabbitMQ.Client.Exceptions.BrokerUnreachableException)
        {
            return null;
        }
    }
}
