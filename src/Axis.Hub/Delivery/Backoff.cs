namespace Axis.Hub.Delivery;

/// <summary>When a failed dispatch is tried again.</summary>
public static class Backoff
{
    /// <summary>Doubles from the first pause to the longest.</summary>
    public static DateTimeOffset NextAttempt(
        DeliveryOptions options,
        int attempts,
        DateTimeOffset now
    )
    {
        var pause = options.FirstRetry * Math.Pow(2, Math.Min(attempts, 30));
        var bounded = pause < options.LongestRetry ? pause : options.LongestRetry;
        return now + (bounded * Jitter());
    }

    /// <summary>A fifth, around one: what failed together must not come back together.</summary>
    public static double Jitter() => 0.9 + (Random.Shared.NextDouble() * 0.2);
}
