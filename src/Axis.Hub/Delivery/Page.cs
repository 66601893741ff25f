using Axis.Hub.Errors;

namespace Axis.Hub.Delivery;

/// <summary>Bounds of every list over HTTP.</summary>
public static class Page
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    /// <summary>Longest long poll, in seconds: below the idle time-outs of common proxies.</summary>
    public const int MaxWait = 55;

    public static ErrorItem? Check(int? limit, int? wait) =>
        limit is < 1 or > MaxLimit
            ? RequestErrors.BadParameter.At("limit", limit.ToString(), "limit", $"1 to {MaxLimit}")
        : wait is < 0 or > MaxWait
            ? RequestErrors.BadParameter.At("wait", wait.ToString(), "wait", $"0 to {MaxWait} s")
        : null;
}
