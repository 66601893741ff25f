using Axis.Hub.Broker;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Delivery;

/// <summary>Brings accepted deliveries to the inbox queues, from memory at once and from the database after a fault.</summary>
public sealed class Dispatcher : BackgroundService
{
    private readonly DeliveryOutbox _outbox;
    private readonly OutboxPump<DispatchItem> _pump;

    public Dispatcher(
        DeliveryOutbox outbox,
        QueueBreakers<DispatchItem> breakers,
        BrokerConnection broker,
        IServiceProvider services,
        IOptions<DeliveryOptions> options,
        OfficeQueues queues,
        TimeProvider clock,
        ICrashPoints crash,
        ILogger<Dispatcher> log
    )
    {
        _outbox = outbox;
        _pump = new OutboxPump<DispatchItem>(
            outbox,
            services.GetRequiredService<ConfirmedPublisher>,
            broker,
            new OutboxPumpLimits(
                MaxWaiting: 8192,
                options.Value.BatchMessages,
                options.Value.Publishers,
                options.Value.RecoveryInterval
            ),
            queues,
            clock,
            crash,
            log,
            breakers
        );
    }

    /// <summary>Dispatches a committed delivery without waiting for the poll. Never blocks, may decline.</summary>
    public void Offer(DispatchItem item)
    {
        var held = _outbox.Hold(item);
        if (!_pump.TryOffer(held))
        {
            _outbox.Release(held);
        }
    }

    /// <summary>Sends one delivery now, whatever the breaker of its route says, and marks what became of it.</summary>
    public Task SendAsync(
        ConfirmedPublisher publisher,
        DispatchItem item,
        CancellationToken cancellationToken
    ) => _pump.SendAsync(publisher, [item], cancellationToken);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _pump.RunAsync(stoppingToken);

    public override void Dispose()
    {
        _pump.Dispose();
        base.Dispose();
    }
}
