using Axis.Cli.Local;
using Axis.Client;

namespace Axis.Cli.Demo;

/// <summary>A document that came in, whichever door it came through.</summary>
internal sealed record Arrival(
    Guid DeliveryId,
    string DocumentId,
    string Business,
    string Recipient,
    byte[] Content
);

/// <summary>What an office system does with what comes in.</summary>
internal interface IDeskWork
{
    /// <summary>Returns when the document is stored, so that it can be acknowledged.</summary>
    Task ReceiveAsync(OfficeDesk desk, Arrival arrival, CancellationToken cancellation);

    /// <summary>True for what is left lying in the inbox.</summary>
    bool Leaves(OfficeDesk desk, InboxItem item);

    void Learn(OfficeDesk desk, CloudEvent news);
}

/// <summary>One office system at work: collects documents and events through its inbox door, submits through both.</summary>
internal sealed class OfficeDesk : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly DemoOfficeSystem _system;
    private readonly AxisHttpClient _http;
    private readonly AxisAmqpClient _amqp;

    private OfficeDesk(DemoOfficeSystem system, AxisHttpClient http, AxisAmqpClient amqp)
    {
        _system = system;
        _http = http;
        _amqp = amqp;
    }

    public string Id => _system.Id;
    public Door InboxDoor => _system.InboxDoor == "amqp" ? Door.Amqp : Door.Http;
    public AxisHttpClient Http => _http;

    public static async Task<OfficeDesk> OpenAsync(
        DemoOfficeSystem system,
        HubState hub,
        CancellationToken cancellation
    )
    {
        var amqp = await AxisAmqpClient.ConnectAsync(
            hub.Broker!,
            system.Id,
            system.Secret,
            cancellation
        );
        return new OfficeDesk(system, new AxisHttpClient(hub.Hub, system.Id, system.Secret), amqp);
    }

    public Task<SubmissionReceipt> SubmitAsync(
        byte[] package,
        Door door,
        CancellationToken cancellation
    ) =>
        door == Door.Amqp
            ? _amqp.SubmitAsync(package, cancellation)
            : _http.SubmitAsync(package, cancellation);

    /// <summary>Collects until cancelled.</summary>
    public Task WorkAsync(IDeskWork work, CancellationToken cancellation) =>
        InboxDoor == Door.Amqp
            ? Task.WhenAll(CollectAmqpAsync(work, cancellation), LearnAmqpAsync(work, cancellation))
            : Task.WhenAll(
                CollectHttpAsync(work, cancellation),
                LearnHttpAsync(work, cancellation)
            );

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _amqp.DisposeAsync();
    }

    private async Task CollectHttpAsync(IDeskWork work, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var items = await _http.ListInboxAsync(100, Poll, cancellation);
            var taken = items.Where(item => !work.Leaves(this, item)).ToList();
            if (items.Count > 0 && taken.Count == 0)
            {
                // What lies there answers at once; look again in a while.
                await Task.Delay(Pause, cancellation);
            }

            foreach (var item in taken)
            {
                using var content = new MemoryStream();
                await _http.DownloadDeliveryAsync(item.DeliveryId, content, cancellation);
                var arrival = new Arrival(
                    item.DeliveryId,
                    item.DocumentId,
                    item.Business,
                    item.Recipient,
                    content.ToArray()
                );
                await work.ReceiveAsync(this, arrival, cancellation);
                await _http.AcknowledgeAsync(item.DeliveryId, cancellation);
            }
        }
    }

    private async Task CollectAmqpAsync(IDeskWork work, CancellationToken cancellation)
    {
        await foreach (var delivery in _amqp.ReadInboxAsync(cancellation))
        {
            var arrival = new Arrival(
                delivery.DeliveryId,
                delivery.DocumentId,
                delivery.Business,
                delivery.Recipient,
                await delivery.ReadContentAsync(_http, cancellation)
            );
            await work.ReceiveAsync(this, arrival, cancellation);
            await delivery.AcknowledgeAsync(cancellation);
        }
    }

    private async Task LearnHttpAsync(IDeskWork work, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var news = await _http.ListEventsAsync(100, Poll, cancellation);
            foreach (var item in news)
            {
                work.Learn(this, item);
            }

            if (news.Count > 0)
            {
                await _http.AcknowledgeEventsAsync([.. news.Select(item => item.Id)], cancellation);
            }
        }
    }

    private async Task LearnAmqpAsync(IDeskWork work, CancellationToken cancellation)
    {
        await foreach (var news in _amqp.ReadEventsAsync(cancellation))
        {
            work.Learn(this, news.Event);
            await news.AcknowledgeAsync();
        }
    }
}
