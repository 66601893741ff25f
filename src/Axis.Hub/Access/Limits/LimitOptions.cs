using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Access.Limits;

/// <summary>What an office system may ask of one node where the registry does not say otherwise.</summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>
    /// HTTP requests and AMQP submissions a minute, together. A whole minute's worth may come at once; then they come in
    /// evenly.
    /// </summary>
    [Range(1, 10_000_000)]
    public int RequestsPerMinute { get; set; } = 60_000;

    /// <summary>HTTP requests at a time (long polls included), and AMQP connections at a time.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; set; } = 500;
}
