using System.Globalization;
using System.Text;
using Axis.Hub.Registry;

namespace Axis.Hub.Access.Limits;

/// <summary>
/// Says to an office system with a daily quota how it stands, on the answers to what it hands in: <c>RateLimit-Policy</c>
/// and <c>RateLimit</c> of draft-ietf-httpapi-ratelimit-headers.
/// </summary>
public sealed class QuotaHeaders(DailyUsage usage)
{
    private const int DaySeconds = 86_400;

    public void Tell(HttpResponse response, OfficeSystem system)
    {
        var quota = usage.QuotaOf(system);
        if (quota.IsUnlimited)
        {
            return;
        }
        var used = usage.UsedToday(system.Id);
        var reset = (long)Math.Ceiling(usage.UntilTomorrow.TotalSeconds);
        var (policy, standing) = (new StringBuilder(), new StringBuilder());
        Add("documents", "", quota.Packages, used.Packages);
        Add("bytes", ";qu=\"content-bytes\"", quota.Bytes, used.Bytes);
        response.Headers["RateLimit-Policy"] = policy.ToString();
        response.Headers["RateLimit"] = standing.ToString();

        void Add(string name, string unit, long? most, long spent)
        {
            if (most is not { } limit)
            {
                return;
            }
            var comma = policy.Length > 0 ? ", " : "";
            var left = Math.Max(0, limit - spent);
            policy.Append(
                CultureInfo.InvariantCulture,
                $"{comma}\"{name}\";q={limit};w={DaySeconds}{unit}"
            );
            standing.Append(CultureInfo.InvariantCulture, $"{comma}\"{name}\";r={left};t={reset}");
        }
    }
}
