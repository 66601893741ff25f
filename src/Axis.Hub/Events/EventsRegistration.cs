namespace Axis.Hub.Events;

public static class EventsRegistration
{
    public static IServiceCollection AddEvents(this IServiceCollection services)
    {
        services
            .AddOptions<EventOptions>()
            .BindConfiguration(EventOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<EventBell>();
        services.AddSingleton<EventNumbering>();
        services.AddSingleton<EventFeedKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<EventFeedKeeper>());
        services.AddSingleton<FeedTail>();
        services.AddHostedService(provider => provider.GetRequiredService<FeedTail>());
        services.AddSingleton<EventFeed>();
        services.AddSingleton<OpenStreams>();
        services.AddSingleton<FeedStream>();
        return services;
    }
}
