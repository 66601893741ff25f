using Axis.Hub.Access.Audit;
using Axis.Hub.Access.Issuers;
using Axis.Hub.Access.Keys;
using Axis.Hub.Access.Limits;
using Axis.Hub.Storage;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Axis.Hub.Access;

public static class AccessRegistration
{
    /// <summary>Register this before whatever writes audit lines while stopping: what starts first stops last.</summary>
    public static IServiceCollection AddAccess(
        this IServiceCollection services,
        IConfiguration configuration
    )
    {
        services
            .AddOptions<AccessOptions>()
            .Bind(configuration.GetSection(AccessOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<LimitOptions>()
            .Bind(configuration.GetSection(LimitOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<DailyUsage>();
        services.AddSingleton<QuotaHeaders>();
        services.AddSingleton<UsageExchange>();
        services.AddHostedService(provider => provider.GetRequiredService<UsageExchange>());
        services.AddSingleton<TokenKeys>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<FailureBackOff>();
        services.AddSingleton<TokenRequestLimits>();
        services.AddSingleton<ExternalTokens>();
        services.AddSingleton<PresentedTokens>();
        services.AddSingleton<ClientAssertions>();
        services.AddSingleton<ClientKeyStore>();
        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton<BrokerAuthorisation>();
        services.AddHostedService<RevokedConnections>();

        services
            .AddOptions<AuditOptions>()
            .Bind(configuration.GetSection(AuditOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        // Before the writer, so that the last checkpoint comes after the last line.
        services.AddHostedService<AuditCheckpoints>();
        services.AddSingleton(provider =>
            AuditLog.CreateWriter(provider.GetRequiredService<NpgsqlDataSource>())
        );
        services.AddHostedService(provider =>
            provider.GetRequiredService<GroupCommit<AuditLine, bool>>()
        );
        services.AddSingleton<RepeatedRefusals>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AuditExport>();

        // Not AddAuthentication: it also brings data protection, which would keep keys of no use in the home folder.
        services.AddWebEncoders();
        services.AddTransient<BearerAuthentication>();
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = BearerAuthentication.SchemeName;
            options.AddScheme<BearerAuthentication>(
                BearerAuthentication.SchemeName,
                displayName: null
            );
        });
        services.AddAuthorization(AccessPolicies.Add);
        return services;
    }

    public static IEndpointRouteBuilder MapAccess(this IEndpointRouteBuilder endpoints)
    {
        endpoints
            .MapPost(
                "/oauth2/token",
                (HttpContext context, TokenEndpoint endpoint) => endpoint.HandleAsync(context)
            )
            .AllowAnonymous()
            .WithMetadata(new RequestSizeLimitAttribute(TokenEndpoint.MaxRequestBytes));
        BrokerAuthorisationEndpoints.Map(endpoints);
        AuditEndpoints.Map(endpoints);
        ClientKeyEndpoints.Map(endpoints);
        return endpoints;
    }
}
