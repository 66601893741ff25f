using System.Runtime.InteropServices;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Access.Limits;

/// <summary>What an office system may hand in on one day in Vietnam; null: as much as it likes.</summary>
/// <param name="Packages">Documents.</param>
/// <param name="Bytes">Of these documents together.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct DailyQuota(long? Packages, long? Bytes)
{
    public bool IsUnlimited => Packages is null && Bytes is null;
}

/// <summary>What an office system has handed in on a day.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Used(long Packages, long Bytes);

/// <summary>
/// Counts the documents of each office system and day. Deciding needs no database: each node knows the whole count as of
/// the last exchange and its own since. Pure but for the clock; <see cref="UsageExchange"/> brings the nodes together.
/// </summary>
public sealed class DailyUsage(IOptions<LimitOptions> options, TimeProvider clock)
{
    // Vietnam has one zone and no summer time.
    private static readonly TimeSpan Vietnam = TimeSpan.FromHours(7);

    private readonly Lock _lock = new();
    private readonly Dictionary<(DateOnly Day, string OfficeSystem), Count> _counts = [];

    /// <summary>One document's share of a day, to be given back when it is not accepted after all.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Share(DateOnly Day, string OfficeSystem, long Bytes);

    public DailyQuota QuotaOf(OfficeSystem system) =>
        new(
            system.Limits.PackagesPerDay ?? OrNone(options.Value.PackagesPerDay),
            system.Limits.BytesPerDay ?? OrNone(options.Value.BytesPerDay)
        );

    public DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().ToOffset(Vietnam).DateTime);

    /// <summary>Until the next day begins; never zero.</summary>
    public TimeSpan UntilTomorrow
    {
        get
        {
            var now = clock.GetUtcNow().ToOffset(Vietnam);
            return new DateTimeOffset(now.Date, Vietnam).AddDays(1) - now;
        }
    }

    public Used UsedToday(string officeSystem)
    {
        lock (_lock)
        {
            return _counts.TryGetValue((Today, officeSystem), out var count)
                ? new(count.Packages, count.Bytes)
                : default;
        }
    }

    /// <summary>A share for a document of this size; null when the day's quota does not hold it.</summary>
    public Share? TryTake(OfficeSystem system, long bytes)
    {
        var quota = QuotaOf(system);
        lock (_lock)
        {
            var share = new Share(Today, system.Id, bytes);
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _counts,
                (share.Day, share.OfficeSystem),
                out _
            );
            if (count.Packages + 1 > quota.Packages || count.Bytes + bytes > quota.Bytes)
            {
                return null;
            }
            count = count.With(1, bytes);
            return share;
        }
    }

    /// <summary>The document was not accepted, or had been before.</summary>
    public void GiveBack(Share share)
    {
        lock (_lock)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _counts,
                (share.Day, share.OfficeSystem),
                out _
            );
            count = count.With(-1, -share.Bytes);
        }
    }

    /// <summary>Takes out what this node has counted since the last time; what cannot be written comes back.</summary>
    internal IReadOnlyList<Unwritten> TakeUnwritten()
    {
        lock (_lock)
        {
            var today = Today;
            var unwritten = new List<Unwritten>();
            foreach (var (key, count) in _counts.ToArray())
            {
                if (count.NewPackages != 0 || count.NewBytes != 0)
                {
                    unwritten.Add(
                        new(key.Day, key.OfficeSystem, count.NewPackages, count.NewBytes)
                    );
                    _counts[key] = count with { NewPackages = 0, NewBytes = 0 };
                }
                else if (key.Day < today)
                {
                    _counts.Remove(key);
                }
            }
            return unwritten;
        }
    }

    internal void PutBack(IEnumerable<Unwritten> unwritten)
    {
        lock (_lock)
        {
            foreach (var one in unwritten)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    _counts,
                    (one.Day, one.OfficeSystem),
                    out _
                );
                count = count with
                {
                    NewPackages = count.NewPackages + one.Packages,
                    NewBytes = count.NewBytes + one.Bytes,
                };
            }
        }
    }

    /// <summary>What all nodes together have written for a day; what is new here comes on top.</summary>
    internal void Learn(DateOnly day, string officeSystem, Used whole)
    {
        lock (_lock)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _counts,
                (day, officeSystem),
                out _
            );
            count = count with
            {
                Packages = whole.Packages + count.NewPackages,
                Bytes = whole.Bytes + count.NewBytes,
            };
        }
    }

    private static long? OrNone(long quota) => quota == 0 ? null : quota;

    internal sealed record Unwritten(DateOnly Day, string OfficeSystem, long Packages, long Bytes);

    /// <summary>All that is known, and of it what only this node knows.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Count(long Packages, long Bytes, long NewPackages, long NewBytes)
    {
        public Count With(long packages, long bytes) =>
            new(Packages + packages, Bytes + bytes, NewPackages + packages, NewBytes + bytes);
    }
}
