using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Access.Limits;

/// <summary>
/// What an office system may ask where the registry does not say otherwise. Requests and connections are counted by each
/// node for itself, AMQP connections and days over all nodes.
/// </summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>
    /// HTTP requests and AMQP submissions a minute, together. A whole minute's worth may come at once; then they come in
    /// evenly.
    /// </summary>
    [Range(1, 10_000_000)]
    public int RequestsPerMinute { get; set; } = 60_000;

    /// <summary>Documents that it may hand in on a day in Vietnam; 0: as many as it likes.</summary>
    [Range(0, int.MaxValue)]
    public int PackagesPerDay { get; set; }

    /// <summary>Bytes of these documents together; 0: as many as it likes.</summary>
    [Range(0L, long.MaxValue)]
    public long BytesPerDay { get; set; }

    /// <summary>
    /// How long an AMQP submission that is over the day's quota waits on the broker before it is looked at again.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan QuotaPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>HTTP requests at a time (long polls included), and AMQP connections at a time.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; set; } = 500;
}
