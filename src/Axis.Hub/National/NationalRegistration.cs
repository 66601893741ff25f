using Axis.Hub.National.Catalogue;
using Axis.Hub.Operations.Doctor;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National;

public static class NationalRegistration
{
    public static IServiceCollection AddNational(this IServiceCollection services)
    {
        services
            .AddOptions<NationalOptions>()
            .BindConfiguration(NationalOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<NationalOptions>, NationalOptionsCheck>();
        services.AddSingleton<FarAxes>();
        services.AddSingleton<FarMetrics>();
        services.AddSingleton<FarAxisFactory>();
        services.AddSingleton<FarLinks>();
        services.AddSingleton<FarClaims>();
        services.AddSingleton<FarOutbox>();
        services.AddSingleton<FarInwardStore>();
        services.AddSingleton<InwardAcceptance>();
        services.AddSingleton<LateRecipients>();
        services.AddSingleton<ReplayUndeliverable>();
        services.AddSingleton<FarStatus>();
        services
            .AddOptions<CatalogueSyncOptions>()
            .BindConfiguration(CatalogueSyncOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<FarCatalogue>();
        services.AddSingleton<CatalogueRuns>();
        services.AddSingleton<CatalogueSync>();
        services.AddHostedService<CatalogueSchedule>();
        services.AddHostedService<FarAlerts>();
        services.AddHostedService<Gateway>();
        services.AddSingleton<IExamination, NationalExamination>();
        return services;
    }
}
