using Axis.Hub.Operations.Doctor;

namespace Axis.Hub.Storage;

public static class StorageRegistration
{
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services
            .AddOptions<StorageOptions>()
            .BindConfiguration(StorageOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(HubDatabase.Open);
        services.AddSingleton<TimeOrderedIds>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<PayloadStore>();
        services.AddSafeStart();
        services.AddHostedService<StorageAtStart>();
        services.AddHostedService<PartitionKeeper>();
        return services;
    }
}
