using Microsoft.Extensions.Options;
using Npgsql;

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
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
            var builder = new NpgsqlDataSourceBuilder(options.ConnectionString)
            {
                // What metrics call the pool; by default that would be the connection string.
                Name = "axis",
            };
            builder.ConnectionStringBuilder.ApplicationName ??= "axis-hub";
            // The hub runs few statements, again and again: planning the large ones each time would cost more than
            // running them. Just-in-time compilation never pays for rows by the dozen.
            if (builder.ConnectionStringBuilder.MaxAutoPrepare == 0)
            {
                builder.ConnectionStringBuilder.MaxAutoPrepare = 100;
            }
            builder.ConnectionStringBuilder.Options ??= "-c jit=off";
            builder.UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>());
            return builder.Build();
        });
        services.AddSingleton<TimeOrderedIds>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<PayloadStore>();
        services.AddHostedService<StorageAtStart>();
        services.AddHostedService<PartitionKeeper>();
        return services;
    }
}
