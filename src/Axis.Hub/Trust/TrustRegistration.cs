using Axis.Hub.Trust.Expiry;
using Axis.Hub.Trust.Receipts;
using Axis.Hub.Trust.Revocation;
using Axis.Signatures;

namespace Axis.Hub.Trust;

public static class TrustRegistration
{
    /// <summary>Register this before intake: what is known of certificates is in memory before the first package.</summary>
    public static IServiceCollection AddTrust(this IServiceCollection services)
    {
        services
            .AddOptions<TrustOptions>()
            .BindConfiguration(TrustOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<RevocationOptions>()
            .BindConfiguration(RevocationOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<ReceiptOptions>()
            .BindConfiguration(ReceiptOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ReceiptKeys>();
        // A device that holds the key (PKCS#11) takes this place.
        services.AddSingleton<IReceiptSigner>(provider =>
            provider.GetRequiredService<ReceiptKeys>()
        );
        services.AddSingleton<RevocationMemory>();
        services.AddSingleton<RevocationTable>();
        services.AddSingleton<RevocationFetch>();
        services.AddSingleton<RevocationCheck>();
        services.AddSingleton<TrustFolder>();
        services.AddHostedService(provider => provider.GetRequiredService<TrustFolder>());
        services.AddSingleton<RevocationRefresh>();
        services.AddHostedService(provider => provider.GetRequiredService<RevocationRefresh>());
        services.AddSingleton<RevokeCertificate>();
        services.AddSingleton<ExpiryWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<ExpiryWatch>());
        services.AddSingleton<EnvelopeJudge>();
        services.AddSingleton<DocumentJudge>();
        return services;
    }
}
