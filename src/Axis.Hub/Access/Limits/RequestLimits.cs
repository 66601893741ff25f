using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Access.Limits;

/// <summary>How an office system stands to its limit, as the RateLimit headers say it.</summary>
/// <param name="Limit">Requests that may come at once.</param>
/// <param name="Remaining">Of these, now.</param>
/// <param name="ResetSeconds">Until all are there again.</param>
/// <param name="RetryAfterSeconds">Until the next one is there; 0 when one is.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Standing(
    int Limit,
    int Remaining,
    int ResetSeconds,
    int RetryAfterSeconds
);

/// <summary>
/// One bucket of requests and one count of requests under way for each office system, on this node. A limit that
/// changes in the registry is a new bucket.
/// </summary>
public sealed class RequestLimits : IDisposable
{
    private readonly PartitionedRateLimiter<OfficeSystem> _rate;
    private readonly PartitionedRateLimiter<OfficeSystem> _concurrency;
    private readonly LimitOptions _options;

    public RequestLimits(IOptions<LimitOptions> options)
    {
        _options = options.Value;
        _rate = PartitionedRateLimiter.Create<OfficeSystem, (string, int)>(system =>
            RateLimitPartition.GetTokenBucketLimiter(
                (system.Id, PerMinute(system)),
                key => BucketOf(key.Item2)
            )
        );
        _concurrency = PartitionedRateLimiter.Create<OfficeSystem, (string, int)>(system =>
            RateLimitPartition.GetConcurrencyLimiter(
                (system.Id, AtATime(system)),
                key => new ConcurrencyLimiterOptions { PermitLimit = key.Item2, QueueLimit = 0 }
            )
        );
    }

    public int AtATime(OfficeSystem system) =>
        system.Limits.MaxConnections ?? _options.MaxConnections;

    /// <summary>Takes one request off the bucket; false when there is none.</summary>
    public bool TryTake(OfficeSystem system, out Standing standing)
    {
        using var lease = _rate.AttemptAcquire(system);
        var perMinute = PerMinute(system);
        var remaining = (int)(_rate.GetStatistics(system)?.CurrentAvailablePermits ?? 0);
        standing = new(
            perMinute,
            remaining,
            (int)Math.Ceiling((perMinute - remaining) * 60.0 / perMinute),
            lease.IsAcquired ? 0 : (int)Math.Ceiling(PeriodOf(perMinute).TotalSeconds)
        );
        return lease.IsAcquired;
    }

    /// <summary>A place among the requests under way, until the lease is disposed; none when all are taken.</summary>
    public RateLimitLease Enter(OfficeSystem system) => _concurrency.AttemptAcquire(system);

    public void Dispose()
    {
        _rate.Dispose();
        _concurrency.Dispose();
    }

    private int PerMinute(OfficeSystem system) =>
        system.Limits.RequestsPerMinute ?? _options.RequestsPerMinute;

    // Evenly: once a second what a second is worth, or one request as often as that is.
    private static TokenBucketRateLimiterOptions BucketOf(int perMinute) =>
        new()
        {
            TokenLimit = perMinute,
            TokensPerPeriod = Math.Max(1, perMinute / 60),
            ReplenishmentPeriod = PeriodOf(perMinute),
            QueueLimit = 0,
            AutoReplenishment = true,
        };

    private static TimeSpan PeriodOf(int perMinute) =>
        TimeSpan.FromSeconds(Math.Max(1, 60.0 / perMinute));
}
