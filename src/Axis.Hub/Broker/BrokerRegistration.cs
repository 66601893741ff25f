namespace Axis.Hub.Broker;

public static class BrokerRegistration
{
    public static IServiceCollection AddBroker(this IServiceCollection services)
    {
        services
            .AddOptions<BrokerOptions>()
            .BindConfiguration(BrokerOptions.Section)
            .ValidateDataAnnotations()
            .Validate(
                options => options.Addresses.Count > 0,
                "Broker:Uri or Broker:Uris must name the broker."
            )
            .Validate(
                options =>
                    options.Addresses.All(address =>
                        address.IsAbsoluteUri && address.Scheme is "amqp" or "amqps"
                    ),
                "Broker:Uri and Broker:Uris are of the form amqp(s)://user:password@host:port/vhost."
            )
            .ValidateOnStart();
        services.AddSingleton<BrokerConnection>();
        services.AddHostedService(provider => provider.GetRequiredService<BrokerConnection>());
        services.AddSingleton<IConfirmingChannels>(provider =>
            provider.GetRequiredService<BrokerConnection>()
        );
        services.AddSingleton<TrialConnection>();
        services.AddTransient<ConfirmedPublisher>();
        services.AddSingleton<OfficeQueues>();
        services.AddSingleton<QueueConsumer>();
        services.AddSingleton<BrokerInspection>();
        services.AddSingleton<BrokerManagementApi>();
        services.AddSingleton<OpenConnections>();
        services.AddSingleton<QueueSuspicions>();
        services.AddSingleton<QueueReplacement>();
        return services;
    }
}
