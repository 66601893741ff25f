namespace Axis.Hub.Registry;

public static class RegistryRegistration
{
    public static IServiceCollection AddRegistry(
        this IServiceCollection services,
        IConfiguration configuration
    )
    {
        services
            .AddOptions<RegistryOptions>()
            .Bind(configuration.GetSection(RegistryOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<RegistryReader>();
        services.AddSingleton<RegistryCache>();
        services.AddHostedService(provider => provider.GetRequiredService<RegistryCache>());
        return services;
    }
}
