using Axis.Hub.Broker;
using Axis.Hub.Delivery.Replays;

namespace Axis.Hub.Delivery;

public static class DeliveryRegistration
{
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services
            .AddOptions<DeliveryOptions>()
            .BindConfiguration(DeliveryOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<InboxSignal>();
        services.AddSingleton<InboxStore>();
        services.AddSingleton<Tracking>();
        services.AddSingleton<IQueueContent, LostDeliveries>();
        services.AddSingleton<IMadeQueues, MadeQueues>();
        services.AddSingleton<IRemadeQueues, RemadeQueues>();
        services.AddSingleton<IDeafConsumers, DeafConsumerNotes>();
        services.AddSingleton<IQueueTurns, QueueTurnNotes>();
        services.AddHostedService<InboxQueues>();
        services.AddSingleton<HandOver>();
        services.AddHostedService(provider => provider.GetRequiredService<HandOver>());
        services.AddSingleton<GivenUpDeliveries>();
        services.AddSingleton<InboxNews>();
        services.AddSingleton<DispatchMarks>();
        services.AddSingleton<DeliveryOutbox>();
        services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<QueueBreakers<DispatchItem>>(
                provider,
                provider.GetRequiredService<DeliveryOutbox>(),
                BreakerTables.Inboxes
            )
        );
        services.AddSingleton<Dispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<Dispatcher>());
        services.AddHostedService(provider =>
            ActivatorUtilities.CreateInstance<QueueProbes<DispatchItem>>(
                provider,
                provider.GetRequiredService<DeliveryOutbox>(),
                new SendProbe<DispatchItem>(provider.GetRequiredService<Dispatcher>().SendAsync)
            )
        );
        services.AddHostedService<DeadQueues>();
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<RetryNow>();
        services.AddSingleton<ReplayOrders>();
        services.AddSingleton<ReplayStep>();
        services.AddHostedService<ReplayRunner>();
        return services;
    }
}
