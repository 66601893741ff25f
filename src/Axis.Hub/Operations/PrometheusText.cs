using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Axis.Hub.Operations;

/// <summary>
/// Writes metrics in the Prometheus text exposition format 0.0.4, with names as OpenTelemetry's compatibility rules
/// make them: dots become underscores, the unit is a suffix, counters end in _total.
/// </summary>
public sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _described = new(StringComparer.Ordinal);

    public void Add(Metric metric)
    {
        var name = NameOf(metric);
        // Two meters may have an instrument of the same name; a name may be described once only.
        if (!_described.Add(name))
        {
            return;
        }
        Header(name, metric);
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            switch (metric.MetricType)
            {
                case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                    Line(name, point.Tags, point.GetSumLong());
                    break;
                case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                    Line(name, point.Tags, point.GetSumDouble());
                    break;
                case MetricType.LongGauge:
                    Line(name, point.Tags, point.GetGaugeLastValueLong());
                    break;
                case MetricType.DoubleGauge:
                    Line(name, point.Tags, point.GetGaugeLastValueDouble());
                    break;
                case MetricType.Histogram:
                    Histogram(name, point);
                    break;
                default:
                    break;
            }
        }
    }

    public override string ToString() => _text.ToString();

    private void Header(string name, Metric metric)
    {
        if (metric.Description.Length > 0)
        {
            var description = metric
                .Description.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
            _text.Append("# HELP ").Append(name).Append(' ').Append(description).Append('\n');
        }
        _text.Append("# TYPE ").Append(name).Append(' ').Append(TypeOf(metric)).Append('\n');
    }

    private void Histogram(string name, in MetricPoint point)
    {
        long count = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            Line(name + "_bucket", point.Tags, count, bucket.ExplicitBound);
        }
        Line(name + "_sum", point.Tags, point.GetHistogramSum());
        Line(name + "_count", point.Tags, point.GetHistogramCount());
    }

    private void Line(string name, ReadOnlyTagCollection tags, double value, double? bound = null)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var tag in tags)
        {
            Label(
                separator,
                LegalName(tag.Key),
                Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? ""
            );
            separator = ',';
        }
        if (bound is { } upper)
        {
            Label(separator, "le", Number(upper));
            separator = ',';
        }
        if (separator == ',')
        {
            _text.Append('}');
        }
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private void Label(char separator, string name, string value) =>
        _text
            .Append(separator)
            .Append(name)
            .Append("=\"")
            .Append(
                value
                    .Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("\"", "\\\"", StringComparison.Ordinal)
                    .Replace("\n", "\\n", StringComparison.Ordinal)
            )
            .Append('"');

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string NameOf(Metric metric)
    {
        var name = new StringBuilder(LegalName(metric.Name));
        Suffix(UnitOf(metric.Unit));
        if (TypeOf(metric) == "counter")
        {
            Suffix("total");
        }
        return name.ToString();

        void Suffix(string suffix)
        {
            if (
                suffix.Length > 0
                && !name.ToString().EndsWith("_" + suffix, StringComparison.Ordinal)
            )
            {
                name.Append('_').Append(suffix);
            }
        }
    }

    // What is counted ({package}) is in the name already.
    private static string UnitOf(string unit) =>
        unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            "1" or "" => "",
            _ when unit.StartsWith('{') => "",
            _ => LegalName(unit),
        };

    private static string TypeOf(Metric metric) =>
        metric.MetricType switch
        {
            MetricType.LongSum or MetricType.DoubleSum => "counter",
            MetricType.Histogram => "histogram",
            MetricType.ExponentialHistogram => "untyped",
            _ => "gauge",
        };

    private static string LegalName(string name) =>
        string.Create(
            name.Length,
            name,
            static (legal, name) =>
            {
                for (var i = 0; i < name.Length; i++)
                {
                    legal[i] =
                        char.IsAsciiLetter(name[i]) || (i > 0 && char.IsAsciiDigit(name[i]))
                            ? name[i]
                            : '_';
                }
            }
        );
}
