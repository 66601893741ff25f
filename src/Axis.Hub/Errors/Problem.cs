using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Axis.Hub.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace Axis.Hub.Errors;

/// <summary>An RFC 9457 problem details answer that lists every problem found, each with its number.</summary>
public sealed record Problem(
    string Type,
    string Title,
    int Status,
    string Detail,
    IReadOnlyList<ErrorItem> Errors
)
{
    public const string MediaType = "application/problem+json";

    /// <summary>
    /// The status is that of the first error: checks run in order, so the first is the one to mend first.
    /// </summary>
    public static Problem Of(IReadOnlyList<ErrorItem> errors) =>
        new(
            "urn:axis:error:" + errors[0].Code,
            errors.Count == 1
                ? errors[0].Message
                : $"{errors.Count} problems; the first: {errors[0].Message}",
            errors[0].HttpStatus,
            errors[0].MessageVi,
            errors
        );

    public static Problem Of(ErrorItem error) => Of([error]);

    /// <summary>Gives words to a refusal that has none.</summary>
    public static Task WriteAsync(StatusCodeContext refusal) =>
        Of(UnreadableRequests.OfStatus(refusal.HttpContext.Response.StatusCode))
            .ToResult()
            .ExecuteAsync(refusal.HttpContext);

    public IResult ToResult() => Results.Json(this, HubJson.Options, MediaType, Status);
}

/// <summary>Turns an exception that reached the edge into problem 9001; the stack trace stays in the log.</summary>
public sealed class UnhandledProblem(ILogger<UnhandledProblem> log) : IExceptionHandler
{
    private const int RetryAfterSeconds = 5;

    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext,
        Exception exception,
        CancellationToken cancellationToken
    )
    {
        if (exception is BadHttpRequestException bad)
        {
            var item = UnreadableRequests.Of(bad, httpContext);
            await Problem.Of(item).ToResult().ExecuteAsync(httpContext);
            return true;
        }
        if (exception is PayloadUnusableException unusable)
        {
            // The store has raised the alarm, with the package's id.
            await Problem
                .Of(HubErrors.PayloadUnusable.At(null, null, unusable.Failure))
                .ToResult()
                .ExecuteAsync(httpContext);
            return true;
        }
        if (StoreFaults.MayPass(exception))
        {
            log.LogWarning("The store is not in reach: {Failure}", exception.Message);
            httpContext.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(
                CultureInfo.InvariantCulture
            );
            await Problem
                .Of(HubErrors.Unavailable.At(null, null, RetryAfterSeconds))
                .ToResult()
                .ExecuteAsync(httpContext);
            return true;
        }
        var trace = Activity.Current?.Id ?? httpContext.TraceIdentifier;
        log.LogError(
            exception,
            "Request {Method} {Path} failed",
            httpContext.Request.Method,
            httpContext.Request.Path
        );
        await Problem
            .Of(HubErrors.Internal.At(null, null, trace))
            .ToResult()
            .ExecuteAsync(httpContext);
        return true;
    }
}

/// <summary>The one way the hub writes JSON: camelCase, absent instead of null, Vietnamese as it is.</summary>
public static class HubJson
{
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters =
            {
                new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower),
                new VietnamTimeConverter(),
            },
        };

    /// <summary>Times are stored in UTC and shown at +07:00 (QĐ 28/2018 Đ14.4).</summary>
    private sealed class VietnamTimeConverter : JsonConverter<DateTimeOffset>
    {
        private static readonly TimeSpan Vietnam = TimeSpan.FromHours(7);

        public override DateTimeOffset Read(
            ref Utf8JsonReader reader,
            Type typeToConvert,
            JsonSerializerOptions options
        ) => reader.GetDateTimeOffset();

        public override void Write(
            Utf8JsonWriter writer,
            DateTimeOffset value,
            JsonSerializerOptions options
        ) => writer.WriteStringValue(value.ToOffset(Vietnam));
    }
}
