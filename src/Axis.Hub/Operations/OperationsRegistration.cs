using Axis.Hub.Errors;
using Microsoft.Extensions.Options;

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
        services.AddSingleton<Drain>();
        services.AddSingleton<IHostLifetime>(provider => provider.GetRequiredService<Drain>());
        services
            .AddOptions<HostOptions>()
            .Configure<IOptions<OperationsOptions>>(
                (host, operations) => host.ShutdownTimeout = operations.Value.StopLimit
            );
        services.AddSingleton<OpsQueries>();
        services.AddSingleton<OpenDeliveries>();
        services.AddSingleton<OpenRoutes>();
        services.AddSingleton<AuditTrail>();

        services.AddLogging(logging => Quieten(logging, configuration));

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

    /// <summary>
    /// These write a line for every statement and request, which metrics and traces tell better. A level of their own in
    /// <c>Logging:LogLevel</c> brings the lines back.
    /// </summary>
    private static void Quieten(ILoggingBuilder logging, IConfiguration configuration)
    {
        foreach (var category in (string[])["Npgsql", "Microsoft.AspNetCore"])
        {
            if (configuration[$"Logging:LogLevel:{category}"] is null)
            {
                logging.AddFilter(category, LogLevel.Warning);
            }
        }
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
