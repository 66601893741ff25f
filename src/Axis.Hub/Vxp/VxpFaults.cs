using Axis.Hub.Errors;
using Axis.Hub.Storage;

namespace Axis.Hub.Vxp;

/// <summary>What is said of an exception that reached the edge; the stack trace stays in the log.</summary>
internal static class VxpFaults
{
    private const int RetryAfterSeconds = 5;

    public static ErrorItem ErrorOf(Exception failure, HttpContext context, ILogger log)
    {
        if (failure is BadHttpRequestException bad)
        {
            return UnreadableRequests.Of(bad, context);
        }
        if (StoreFaults.MayPass(failure))
        {
            log.LogWarning("The store is not in reach: {Failure}", failure.Message);
            return HubErrors.Unavailable.At(null, null, RetryAfterSeconds);
        }
        log.LogError(failure, "{Path} failed", context.Request.Path);
        return HubErrors.Internal.At(null, null, context.TraceIdentifier);
    }
}
