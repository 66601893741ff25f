using Axis.Hub.Errors;

namespace Axis.Hub.Operations;

public static class OperationsRegistration
{
    public static IServiceCollection AddOperations(
        this IServiceCollection services,
        IConfiguration configuration
    )
    {
        services
            .AddOptions<OperationsOptions>()
            .Bind(configuration.GetSection(OperationsOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<TelemetryOptions>()
            .Bind(configuration.GetSection(TelemetryOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<HubMetrics>();
        services.AddSingleton<PrometheusExporter>();
        services.AddHostedService<Telemetry>();
        services.AddHostedService<DeliveryGauges>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<OpenDeliveries>();
        services.AddSingleton<AuditTrail>();

        // Logging is put together before options can be asked for, so this one setting is read here.
        var telemetry =
            configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new();
        if (telemetry.OtlpEndpoint is not null)
        {
            services.AddLogging(logging => Telemetry.AddLogs(logging, telemetry));
        }
        return services;
    }

    public static IEndpointRouteBuilder MapOperations(this IEndpointRouteBuilder endpoints)
    {
        var machineRoom = endpoints.MapGroup("").OnOperationsListener().AllowAnonymous();
        machineRoom.MapGet("/health/live", () => Results.Text("live"));
        machineRoom.MapGet("/health/ready", ReadyAsync);
        machineRoom.MapGet(
            "/metrics",
            (PrometheusExporter exporter) =>
                Results.Text(exporter.Scrape(), PrometheusText.ContentType)
        );
        OpsEndpoints.Map(endpoints);
        return endpoints;
    }

    private static async Task<IResult> ReadyAsync(
        Readiness readiness,
        CancellationToken cancellationToken
    )
    {
        var report = await readiness.CheckAsync(cancellationToken);
        return Results.Json(
            report,
            HubJson.Options,
            statusCode: report.Status == ReadinessStatus.Ready
                ? StatusCodes.Status200OK
                : StatusCodes.Status503ServiceUnavailable
        );
    }
}
