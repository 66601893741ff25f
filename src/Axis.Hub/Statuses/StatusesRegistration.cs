using Axis.Hub.Broker;
using Axis.Hub.Delivery;

namespace Axis.Hub.Statuses;

public static class StatusesRegistration
{
    public static IServiceCollection AddStatuses(this IServiceCollection services)
    {
        services
            .AddOptions<DialogueOptions>()
            .BindConfiguration(DialogueOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<EventAnnouncer>();
        services.AddSingleton<LifeChangeWriter>();
        services.AddSingleton<StatusWriter>();
        services.AddSingleton<ArrivalBell>();
        services.AddSingleton<DialogueClock>();
        services.AddHostedService(provider => provider.GetRequiredService<DialogueClock>());
        services.AddSingleton<EventStore>();
        services.AddSingleton<IQueueContent, LostEvents>();
        services.AddSingleton<EventOutbox>();
        services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<QueueBreakers<EventRow>>(
                provider,
                provider.GetRequiredService<EventOutbox>(),
                BreakerTables.Events
            )
        );
        services.AddSingleton<EventDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<EventDispatcher>());
        services.AddHostedService(provider =>
            ActivatorUtilities.CreateInstance<QueueProbes<EventRow>>(
                provider,
                provider.GetRequiredService<EventOutbox>(),
                new SendProbe<EventRow>(provider.GetRequiredService<EventDispatcher>().SendAsync)
            )
        );
        return services;
    }
}
