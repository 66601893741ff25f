using Axis.Hub.Events.Webhooks;
using Microsoft.Extensions.Options;

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
        services.AddSingleton<IValidateOptions<EventOptions>, EventOptionsCheck>();
        services.AddSingleton<EventBell>();
        services.AddSingleton<EventNumbering>();
        services.AddSingleton<EventFeedKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<EventFeedKeeper>());
        services.AddSingleton<FeedTail>();
        services.AddHostedService(provider => provider.GetRequiredService<FeedTail>());
        services.AddSingleton<EventFeed>();
        services.AddSingleton<OpenStreams>();
        services.AddSingleton<FeedStream>();
        services
            .AddOptions<WebhookOptions>()
            .BindConfiguration(WebhookOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<AddressGuard>();
        services.AddSingleton<WebhookAddresses>();
        services.AddSingleton<WebhookCall>();
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<WebhookOrders>();
        services.AddSingleton<WebhookLeases>();
        services.AddHostedService<WebhookRunner>();
        return services;
    }
}
