using System.Globalization;
using Axis.Hub.Errors;

namespace Axis.Hub.Delivery;

/// <summary>How much of a list is asked for and how long to wait for it: <c>limit</c> and <c>wait</c>.</summary>
/// <param name="Error">What is wrong with the parameters; the page is not to be used then.</param>
public sealed record Page(int Limit, TimeSpan Wait, ErrorItem? Error)
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    /// <summary>Longest long poll, in seconds: below the idle time-outs of common proxies.</summary>
    public const int MaxWait = 55;

    public static ValueTask<Page?> BindAsync(HttpContext context)
    {
        ErrorItem? error = null;
        var limit = Read("limit", DefaultLimit, 1, MaxLimit);
        var wait = Read("wait", 0, 0, MaxWait);
        return ValueTask.FromResult<Page?>(new Page(limit, TimeSpan.FromSeconds(wait), error));

        int Read(string name, int otherwise, int least, int most)
        {
            if (context.Request.Query[name].LastOrDefault() is not { } text)
            {
                return otherwise;
            }
            if (
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && value >= least
                && value <= most
            )
            {
                return value;
            }
            error ??= RequestErrors.BadParameter.At(name, text, name, Words.Range(least, most));
            return otherwise;
        }
    }
}
