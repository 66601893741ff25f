using Axis.Hub.Broker;

namespace Axis.Hub.Statuses;

public static class StatusesRegistration
{
    public static IServiceCollection AddStatuses(this IServiceCollection services)
    {
        services.AddSingleton<StatusWriter>();
        services.AddSingleton<EventStore>();
        services.AddSingleton<IQueueContent, LostEvents>();
        services.AddSingleton<EventOutbox>();
        services.AddSingleton<EventDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<EventDispatcher>());
        return services;
    }
}
