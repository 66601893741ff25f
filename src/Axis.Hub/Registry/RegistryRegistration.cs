using System.Text.Json;
using System.Text.Json.Serialization;
using Axis.Hub.Registry.Editing;

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
        services.AddSingleton<SetSignaturePolicy>();
        services.AddSingleton<RegistryCache>();
        services.AddHostedService(provider => provider.GetRequiredService<RegistryCache>());
        // Bodies say their enumerations as answers do.
        services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.Converters.Add(
                new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower)
            )
        );
        services.AddSingleton<LastSeen>();
        services.AddHostedService(provider => provider.GetRequiredService<LastSeen>());
        services.AddSingleton<RegistryEditing>();
        services.AddHostedService<RegistryUpkeep>();
        services.AddSingleton<CatalogueExport>();
        services.AddSingleton<AgencySearch>();
        services.AddSingleton<OfficeSystemStore>();
        services.AddSingleton<OfficeSystemViews>();
        return services;
    }
}
