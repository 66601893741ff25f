using Axis.Hub.Broker;

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
        services.AddSingleton<EventDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<EventDispatcher>());
        return services;
    }
}
