using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Axis.Hub.Operations;

/// <summary>Collects all instruments when scraped and writes them as Prometheus text.</summary>
[ExportModes(ExportModes.Pull)]
public sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly Lock _oneAtATime = new();
    private string _text = "";

    /// <summary>Set by the reader this exporter is given to.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>All figures as of now.</summary>
    public string Scrape()
    {
        lock (_oneAtATime)
        {
            _text = "";
            Collect?.Invoke(Timeout.Infinite);
            return _text;
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var text = new PrometheusText();
        foreach (var metric in batch)
        {
            text.Add(metric);
        }
        _text = text.ToString();
        return ExportResult.Success;
    }
}
