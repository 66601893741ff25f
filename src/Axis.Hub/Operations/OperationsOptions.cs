using System.ComponentModel.DataAnnotations;
using OpenTelemetry.Exporter;

namespace Axis.Hub.Operations;

public sealed class OperationsOptions
{
    public const string Section = "Operations";

    /// <summary>How often open deliveries are counted for /metrics.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan CountInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the database may take to answer a readiness check.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ReadinessTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Stay ready while the broker is away: packages are still accepted and collected over HTTP, and dispatched later.
    /// </summary>
    public bool ReadyWithoutBroker { get; set; }

    /// <summary>
    /// How long a node goes on answering after SIGTERM, while it is not ready any more: longer than the load balancer
    /// takes to notice.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node that stops has to finish what it has in hand.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StopLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time an ops query may take before it is cancelled.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>Collector for traces, metrics and logs, e.g. http://localhost:4317; none when empty.</summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>How the collector is spoken to: Grpc (port 4317 by custom) or HttpProtobuf (port 4318).</summary>
    public OtlpExportProtocol OtlpProtocol { get; set; } = OtlpExportProtocol.Grpc;

    /// <summary>Name of this hub in traces and logs.</summary>
    [Required]
    public string ServiceName { get; set; } = "axis-hub";
}
