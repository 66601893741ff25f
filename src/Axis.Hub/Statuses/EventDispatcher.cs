using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Statuses;

/// <summary>Brings events to the event queues, from memory at once and from the database after a fault.</summary>
public sealed class EventDispatcher : BackgroundService
{
    private readonly OutboxPump<EventRow> _pump;

    public EventDispatcher(
        EventOutbox outbox,
        QueueBreakers<EventRow> breakers,
        BrokerConnection broker,
        IServiceProvider services,
        IOptions<DeliveryOptions> options,
        OfficeQueues queues,
        TimeProvider clock,
        ICrashPoints crash,
        ILogger<EventDispatcher> log
    )
    {
        FirstLease = options.Value.FirstLease;
        _pump = new OutboxPump<EventRow>(
            outbox,
            services.GetRequiredService<ConfirmedPublisher>,
            broker,
            // One publisher: events of one delivery reach the queue in the order they arose.
            new OutboxPumpLimits(
                MaxWaiting: 8192,
                options.Value.BatchMessages,
                Publishers: 1,
                options.Value.RecoveryInterval
            ),
            queues,
            clock,
            crash,
            log,
            breakers
        );
    }

    public TimeSpan FirstLease { get; }

    public void Offer(EventRow row) => _pump.TryOffer(row);

    /// <summary>Sends one event now, whatever the breaker of its queue says, and marks what became of it.</summary>
    public Task SendAsync(
        ConfirmedPublisher publisher,
        EventRow row,
        CancellationToken cancellationToken
    ) => _pump.SendAsync(publisher, [row], cancellationToken);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _pump.RunAsync(stoppingToken);

    public override void Dispose()
    {
        _pump.Dispose();
        base.Dispose();
    }
}
