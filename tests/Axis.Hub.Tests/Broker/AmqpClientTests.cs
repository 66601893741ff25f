using System.Collections.Concurrent;
using System.Text.Json;
using Axis.Client;
using Axis.LocalServers;
using Axis.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Tests.Broker;

/// <summary>
/// The client of office software on a broker that ends its consuming in every way it knows. The tests do what a hub would:
/// they make the queues, and put messages on them.
/// </summary>
public sealed class AmqpClientTests
{
    private const string All = ".*";
    private const string Nothing = "";

    private readonly string _id = $"office-{Guid.CreateVersion7():N}";
    private readonly ConcurrentQueue<ConsumingChangedEventArgs> _told = new();
    private BrokerManagement _management = null!;
    private Uri _amqp = null!;
    private IConnection _hub = null!;
    private IChannel _channel = null!;

    private string Inbox => $"axis.inbox.{_id}";
    private string Events => $"axis.events.{_id}";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _management = new BrokerManagement(LocalServersSetUp.Servers.Management);
        _amqp = await LocalServersSetUp.Servers.CreateVirtualHostAsync();
        await _management.AddUserAsync(_id, _id);
        _hub = await new ConnectionFactory { Uri = _amqp }.CreateConnectionAsync();
        _channel = await _hub.CreateChannelAsync(new CreateChannelOptions(true, true));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _hub.DisposeAsync();
        await LocalServersSetUp.Servers.DeleteVirtualHostAsync(_amqp);
        await _management.DeleteUserAsync(_id);
        _management.Dispose();
    }

    [SetUp]
    public async Task BeginAsync()
    {
        _told.Clear();
        await PermitAsync(All);
        foreach (var queue in (string[])[Inbox, Inbox + ".urgent", Events])
        {
            await DeclareAsync(queue);
        }
    }

    [Test]
    public async Task Who_is_refused_while_a_queue_is_made_anew_reads_it_when_access_is_granted()
    {
        await using var client = await ConnectAsync();
        await using var reader = new Reader(client);
        await ReceiveAsync(reader, Inbox);

        await PermitAsync(Nothing);
        await _channel.QueueDeleteAsync(Inbox);
        await Eventually.HoldsAsync(() => Task.FromResult(Refusals() > 0));
        await DeclareAsync(Inbox);
        var before = Refusals();
        await Eventually.HoldsAsync(() => Task.FromResult(Refusals() > before + 1));
        Assert.That(_told.Select(change => change.Queue).Distinct(), Is.EqualTo((string[])[Inbox]));
        Assert.That(
            _told.Where(change => !change.IsConsumed).Select(change => change.NextTry),
            Is.Ordered.And.All.GreaterThan(TimeSpan.Zero)
        );
        // What is read already is not ended by that, and the refusals of one queue are not those of another.
        await ReceiveAsync(reader, Inbox + ".urgent");
        await HearAsync(reader);

        await PermitAsync(All);
        await IsConsumedAsync(Inbox);
        await ReceiveAsync(reader, Inbox);

        int Refusals() =>
            _told.Count(change =>
                change.Reason?.StartsWith("403 ACCESS_REFUSED", StringComparison.Ordinal) == true
            );
    }

    [Test]
    public async Task A_queue_that_is_deleted_and_comes_again_is_read_again()
    {
        await using var client = await ConnectAsync();
        await using var reader = new Reader(client);
        await ReceiveAsync(reader, Inbox);
        foreach (var queue in (string[])[Inbox, Events])
        {
            await GoesAndComesAsync(queue);
        }

        await ReceiveAsync(reader, Inbox);
        await HearAsync(reader);
    }

    [Test]
    public async Task A_connection_that_the_broker_closes_comes_back_with_all_that_was_read_on_it()
    {
        await using var client = await ConnectAsync();
        await using var reader = new Reader(client);
        await ReceiveAsync(reader, Inbox);

        await Eventually.HoldsAsync(async () =>
            await LocalServersSetUp.Servers.CloseConnectionsToAsync(_amqp) > 1
        );
        foreach (var queue in (string[])[Inbox, Inbox + ".urgent", Events])
        {
            await IsConsumedAsync(queue);
        }

        await Eventually.HoldsAsync(() => Task.FromResult(_hub.IsOpen && _channel.IsOpen));
        await ReceiveAsync(reader, Inbox);
        await ReceiveAsync(reader, Inbox + ".urgent");
        await HearAsync(reader);
    }

    [Test]
    public async Task Who_is_disposed_while_it_tries_again_ends_and_tells_nothing_more()
    {
        var client = await ConnectAsync();
        await using var reader = new Reader(client);
        await ReceiveAsync(reader, Inbox);
        await PermitAsync(Nothing);
        await _channel.QueueDeleteAsync(Inbox);
        await Eventually.HoldsAsync(() => Task.FromResult(!_told.IsEmpty));

        await client.DisposeAsync();
        var told = _told.Count;

        await reader.IsAtItsEndAsync();
        await client.DisposeAsync();
        Assert.That(_told, Has.Count.EqualTo(told));
        Assert.That(_told.Select(change => change.IsConsumed), Has.All.False);
    }

    [Test]
    public async Task The_refusal_of_the_first_time_is_told_to_who_asks_and_the_next_time_is_a_new_one()
    {
        await PermitAsync(Nothing);
        Assert.CatchAsync<OperationInterruptedException>(ConnectAsync);

        await PermitAsync($@"^{Events.Replace(".", @"\.", StringComparison.Ordinal)}$");
        await using var client = await ConnectAsync();
        Assert.CatchAsync<OperationInterruptedException>(async () =>
        {
            await using var refused = client.ReadInboxAsync().GetAsyncEnumerator();
            await refused.MoveNextAsync();
        });

        await PermitAsync(All);
        await using var reader = new Reader(client);
        await ReceiveAsync(reader, Inbox);
    }

    [Test]
    public async Task Who_throws_while_he_is_told_ends_nothing()
    {
        await using var client = await ConnectAsync();
        client.ConsumingChanged += (_, _) => throw new InvalidOperationException();
        await using var reader = new Reader(client);

        await GoesAndComesAsync(Events);

        await HearAsync(reader);
    }

    private async Task<AxisAmqpClient> ConnectAsync()
    {
        var client = await AxisAmqpClient.ConnectAsync(
            new UriBuilder(_amqp) { UserName = "", Password = "" }.Uri,
            _id,
            _id
        );
        client.ConsumingChanged += (_, change) => _told.Enqueue(change);
        return client;
    }

    private Task PermitAsync(string read) =>
        _management.PermitAsync(
            Uri.UnescapeDataString(_amqp.AbsolutePath.TrimStart('/')),
            _id,
            Nothing,
            read
        );

    private Task IsConsumedAsync(string queue) =>
        Eventually.HoldsAsync(() =>
            Task.FromResult(
                _told.LastOrDefault(change => change.Queue == queue)?.IsConsumed == true
            )
        );

    /// <summary>For long enough: RabbitMQ lets its consumers move to one that is there again at once, and tells nobody.</summary>
    private async Task GoesAndComesAsync(string queue)
    {
        await _channel.QueueDeleteAsync(queue);
        await Eventually.HoldsAsync(() =>
            Task.FromResult(
                _told.Any(change =>
                    change.Queue == queue
                    && change.Reason?.StartsWith("404", StringComparison.Ordinal) == true
                )
            )
        );
        await DeclareAsync(queue);
        await IsConsumedAsync(queue);
    }

    private Task DeclareAsync(string queue) =>
        _channel.QueueDeclareAsync(
            queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }
        );

    private async Task ReceiveAsync(Reader reader, string queue)
    {
        var id = Guid.CreateVersion7();
        await _channel.BasicPublishAsync(
            "",
            queue,
            mandatory: true,
            new BasicProperties
            {
                MessageId = id.ToString(),
                Headers = new Dictionary<string, object?>
                {
                    ["x-axis-package-id"] = Guid.CreateVersion7().ToString(),
                },
            },
            "<edXML/>"u8.ToArray()
        );
        await Eventually.HoldsAsync(() => Task.FromResult(reader.Seen.Contains(id)));
    }

    private async Task HearAsync(Reader reader)
    {
        var id = Guid.CreateVersion7();
        var word = new
        {
            id,
            type = "vn.axis.delivery.status",
            time = DateTimeOffset.UnixEpoch,
            subject = "H99.01",
            data = new
            {
                deliveryId = id,
                packageId = id,
                documentId = "1",
                recipient = "H99.01",
                agency = "H99.01",
            },
        };
        await _channel.BasicPublishAsync(
            "",
            Events,
            mandatory: true,
            new BasicProperties { Type = "axis.event" },
            JsonSerializer.SerializeToUtf8Bytes(word)
        );
        await Eventually.HoldsAsync(() => Task.FromResult(reader.Seen.Contains(id)));
    }

    /// <summary>Reads inbox and events, and takes them off.</summary>
    private sealed class Reader : IAsyncDisposable
    {
        private readonly CancellationTokenSource _over = new();
        private readonly Task _inbox;
        private readonly Task _events;

        public Reader(AxisAmqpClient client)
        {
            _inbox = ReadInboxAsync(client);
            _events = ReadEventsAsync(client);
        }

        public ConcurrentBag<Guid> Seen { get; } = [];

        public Task IsAtItsEndAsync() =>
            Task.WhenAll(_inbox, _events).WaitAsync(TimeSpan.FromSeconds(120));

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync();
            await Task.WhenAll(_inbox, _events)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _over.Dispose();
        }

        private async Task ReadInboxAsync(AxisAmqpClient client)
        {
            await foreach (var delivery in client.ReadInboxAsync(_over.Token))
            {
                Seen.Add(delivery.DeliveryId);
                await delivery.TakeAsync();
            }
        }

        private async Task ReadEventsAsync(AxisAmqpClient client)
        {
            await foreach (var one in client.ReadEventsAsync(_over.Token))
            {
                Seen.Add(one.Event.Id);
                await one.AcknowledgeAsync();
            }
        }
    }
}
