using Axis.Hub.Operations.Doctor;
using Axis.Hub.Storage.Archive;

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
        services.AddSingleton<PayloadKeys>();
        services.AddSingleton<PayloadFiles>();
        services.AddSingleton<PayloadStore>();
        services.AddSingleton<OrphanSweep>();
        services
            .AddOptions<RetentionOptions>()
            .BindConfiguration(RetentionOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ArchivedMonths>();
        services.AddSingleton<UnreadEvents>();
        services.AddSingleton<ArchiveExport>();
        services.AddSingleton<ArchiveImport>();
        services.AddSingleton<MonthDrop>();
        services.AddSingleton<RetentionKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<RetentionKeeper>());
        services.AddSafeStart();
        services.AddHostedService<StorageAtStart>();
        services.AddHostedService<PartitionKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<OrphanSweep>());
        return services;
    }
}
