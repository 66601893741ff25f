using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Axis.Hub.Operations;

/// <summary>
/// Metrics for <c>/metrics</c> always; traces, metrics and logs to an OTLP collector when one is configured. Lives as
/// long as the hub, so that what was measured last is still sent while stopping.
/// </summary>
public sealed class Telemetry : IHostedService, IDisposable
{
    private static readonly string[] Meters =
    [
        HubMetrics.MeterName,
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "Npgsql",
        "System.Runtime",
    ];

    private static readonly string[] Sources =
    [
        "Axis.Hub",
        "Microsoft.AspNetCore",
        "Npgsql",
        "RabbitMQ.Client.Publisher",
        "RabbitMQ.Client.Subscriber",
    ];

    private readonly OpenTelemetrySdk _sdk;

    public Telemetry(PrometheusExporter exporter, IOptions<TelemetryOptions> options) =>
        _sdk = OpenTelemetrySdk.Create(sdk =>
        {
            sdk.ConfigureResource(resource => Describe(resource, options.Value));
            sdk.WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters).AddReader(new BaseExportingMetricReader(exporter));
                if (options.Value.OtlpEndpoint is not null)
                {
                    metrics.AddOtlpExporter(otlp => Direct(otlp, options.Value, "v1/metrics"));
                }
            });
            if (options.Value.OtlpEndpoint is not null)
            {
                sdk.WithTracing(traces =>
                    traces
                        .AddSource(Sources)
                        .AddOtlpExporter(otlp => Direct(otlp, options.Value, "v1/traces"))
                );
            }
        });

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _sdk.Dispose();

    internal static void AddLogs(ILoggingBuilder logging, TelemetryOptions options) =>
        logging.AddOpenTelemetry(logs =>
        {
            logs.SetResourceBuilder(Describe(ResourceBuilder.CreateDefault(), options));
            logs.IncludeFormattedMessage = true;
            logs.AddOtlpExporter(otlp => Direct(otlp, options, "v1/logs"));
        });

    // OTLP/gRPC has one address for everything, OTLP/HTTP one path for each signal (OTLP 1.x, "OTLP/HTTP Request").
    private static void Direct(OtlpExporterOptions otlp, TelemetryOptions options, string path)
    {
        otlp.Protocol = options.OtlpProtocol;
        otlp.Endpoint =
            options.OtlpProtocol == OtlpExportProtocol.HttpProtobuf
                ? new Uri(options.OtlpEndpoint!, path)
                : options.OtlpEndpoint!;
    }

    private static ResourceBuilder Describe(ResourceBuilder resource, TelemetryOptions options) =>
        resource.AddService(
            options.ServiceName,
            serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3)
        );
}
