namespace Axis.Hub.Broker;

public static class BrokerRegistration
{
    public static IServiceCollection AddBroker(this IServiceCollection services)
    {
        services
            .AddOptions<BrokerOptions>()
            .BindConfiguration(BrokerOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<BrokerConnection>();
        services.AddHostedService(provider => provider.GetRequiredService<BrokerConnection>());
        services.AddTransient<ConfirmedPublisher>();
        services.AddSingleton<QueueConsumer>();
        return services;
    }
}
