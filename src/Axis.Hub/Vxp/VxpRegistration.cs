namespace Axis.Hub.Vxp;

public static class VxpRegistration
{
    public static IServiceCollection AddVxp(this IServiceCollection services)
    {
        services
            .AddOptions<VxpOptions>()
            .BindConfiguration(VxpOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<SealingKey>();
        services.AddSingleton<VxpClients>();
        services.AddHostedService<VxpAtStart>();
        services.AddSingleton<VxpProvisioning>();
        services.AddSingleton<SendEdoc>();
        services.AddSingleton<PickupNotes>();
        services.AddSingleton<ReceivedEdocs>();
        services.AddSingleton<SentEdocs>();
        services.AddSingleton<AgencyLists>();
        services.AddSingleton<AgencyChanges>();
        services.AddSingleton<LgspGate>();
        services.AddSingleton<LgspLogin>();
        services.AddTransient<VxpAuthentication>();
        services.AddAuthenticationCore(options =>
            options.AddScheme<VxpAuthentication>(VxpAuthentication.SchemeName, displayName: null)
        );
        services.AddAuthorization(VxpAuthentication.AddPolicy);
        return services;
    }
}
