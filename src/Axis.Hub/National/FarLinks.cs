using System.Collections.Concurrent;
using Axis.Hub.Delivery;
using Axis.Vxp.Client;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.National;

public static class FarDirection
{
    public const string Out = "out";
    public const string In = "in";
}

/// <summary>How one direction of one axis stands; shared by all nodes.</summary>
public sealed record FarLink(
    DateTimeOffset? PausedAt,
    string? PausedBy,
    int Failures,
    bool IsOpen,
    DateTimeOffset NextProbeAt,
    string? LastError,
    DateTimeOffset ChangedAt
)
{
    public static FarLink Healthy { get; } =
        new(null, null, 0, false, DateTimeOffset.MinValue, null, DateTimeOffset.MinValue);
}

/// <summary>What came of the calls of one round, to be written down together.</summary>
internal sealed class FarRound
{
    private readonly ConcurrentDictionary<string, SeenCall> _calls = new(StringComparer.Ordinal);
    private int _failures;
    private int _successes;

    public IReadOnlyDictionary<string, SeenCall> Calls => _calls;

    public int LinkFailures => _failures;

    /// <summary>How often the far side answered as one does that works, be it with a refusal.</summary>
    public int Successes => _successes;

    public bool AnySuccess => _successes > 0;

    public string? LastError { get; private set; }

    /// <summary>The longest pause that was asked for.</summary>
    public TimeSpan Pause { get; private set; }

    public void Note(string call, FarFault? fault, DateTimeOffset? farTime, DateTimeOffset now)
    {
        if (fault is { IsOfLink: true })
        {
            Interlocked.Increment(ref _failures);
            LastError = $"{call}: {fault.Kind} {fault.Code} {fault.Message}";
            Pause = fault.RetryAfter > Pause ? fault.RetryAfter.Value : Pause;
        }
        else
        {
            Interlocked.Increment(ref _successes);
        }
        _calls.AddOrUpdate(
            call,
            _ => new SeenCall(null, null, null, null).With(fault, farTime, now),
            (_, seen) => seen.With(fault, farTime, now)
        );
    }

    internal sealed record SeenCall(
        DateTimeOffset? SucceededAt,
        DateTimeOffset? FailedAt,
        string? Failure,
        long? ClockAheadMs
    )
    {
        public SeenCall With(FarFault? fault, DateTimeOffset? farTime, DateTimeOffset now) =>
            new(
                fault is null ? now : SucceededAt,
                fault is null ? FailedAt : now,
                fault is null ? Failure : $"{fault.Kind} {fault.Code} {fault.Message}",
                farTime is { } far ? (long)(far - now).TotalMilliseconds : ClockAheadMs
            );
    }
}

/// <summary>
/// The circuit breaker, the pause and the last calls of each axis and direction, in the database, so that all nodes have
/// one opinion and a restart keeps it.
/// </summary>
internal sealed class FarLinks(
    NpgsqlDataSource database,
    IOptions<NationalOptions> options,
    TimeProvider clock,
    ILogger<FarLinks> log
)
{
    private const string Read = """
        SELECT paused_at, paused_by, failures, is_open, next_probe_at, last_error, changed_at
        FROM far_link WHERE axis = $1 AND direction = $2
        """;

    // Of many nodes one takes the probe; it has as long as a call may take.
    private const string TakeProbe = """
        UPDATE far_link SET next_probe_at = $3 + $4
        WHERE axis = $1 AND direction = $2 AND is_open AND next_probe_at <= $3
        """;

    private const string Failed = """
        INSERT INTO far_link AS l (axis, direction, failures, is_open, next_probe_at, last_error, changed_at)
        VALUES ($1, $2, $3, $3 >= $4, $5 + $6, $7, $5)
        ON CONFLICT (axis, direction) DO UPDATE
        SET failures = l.failures + $3, is_open = l.is_open OR l.failures + $3 >= $4, last_error = $7,
            next_probe_at = $5 + least($8, greatest($9, $6 * power(2, least(greatest(l.failures + $3 - $4, 0), 20)))),
            changed_at = CASE WHEN l.is_open THEN l.changed_at ELSE $5 END
        RETURNING is_open, failures
        """;

    private const string Passed = """
        UPDATE far_link SET failures = 0, is_open = false, last_error = NULL, changed_at = $3
        WHERE axis = $1 AND direction = $2 AND (failures > 0 OR is_open)
        RETURNING 1
        """;

    private const string Calls = """
        INSERT INTO far_call AS c (axis, call, succeeded_at, failed_at, failure, clock_ahead_ms)
        SELECT $1, s.* FROM unnest($2, $3, $4, $5, $6) AS s (call, succeeded_at, failed_at, failure, clock_ahead_ms)
        ORDER BY call
        ON CONFLICT (axis, call) DO UPDATE
        SET succeeded_at = coalesce(excluded.succeeded_at, c.succeeded_at),
            failed_at = coalesce(excluded.failed_at, c.failed_at), failure = coalesce(excluded.failure, c.failure),
            clock_ahead_ms = coalesce(excluded.clock_ahead_ms, c.clock_ahead_ms)
        """;

    private const string Pause = """
        INSERT INTO far_link (axis, direction, paused_at, paused_by, changed_at) VALUES ($1, $2, $3, $4, $3)
        ON CONFLICT (axis, direction) DO UPDATE
        SET paused_at = coalesce(far_link.paused_at, $3), paused_by = coalesce(far_link.paused_by, $4)
        """;

    private const string Resume = """
        UPDATE far_link SET paused_at = NULL, paused_by = NULL, next_probe_at = '-infinity'
        WHERE axis = $1 AND direction = $2
        """;

    public async Task<FarLink> ReadAsync(
        string axis,
        string direction,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(Read, axis, direction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new FarLink(
                reader.GetFieldValue<DateTimeOffset?>(0),
                await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1),
                reader.GetInt32(2),
                reader.GetBoolean(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetString(5),
                reader.GetFieldValue<DateTimeOffset>(6)
            )
            : FarLink.Healthy;
    }

    /// <summary>How many calls may be made now: none while paused, one as the probe of an open breaker.</summary>
    public async Task<int> AllowedAsync(
        string axis,
        string direction,
        int most,
        CancellationToken cancellationToken
    )
    {
        var link = await ReadAsync(axis, direction, cancellationToken);
        if (link.PausedAt is not null)
        {
            return 0;
        }
        if (!link.IsOpen)
        {
            return most;
        }
        await using var command = Command(
            TakeProbe,
            axis,
            direction,
            clock.GetUtcNow(),
            options.Value.CallTimeout
        );
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0 ? 1 : 0;
    }

    public async Task WriteAsync(
        string axis,
        string direction,
        FarRound round,
        CancellationToken cancellationToken
    )
    {
        if (round.Calls.Count == 0)
        {
            return;
        }
        await WriteCallsAsync(axis, round, cancellationToken);
        if (round.AnySuccess)
        {
            await using var passed = Command(Passed, axis, direction, clock.GetUtcNow());
            if (await passed.ExecuteScalarAsync(cancellationToken) is not null)
            {
                log.LogInformation("{Axis} answers again ({Direction})", axis, direction);
            }
            return;
        }
        await using var command = Command(
            Failed,
            axis,
            direction,
            round.LinkFailures,
            options.Value.BreakerFailures,
            clock.GetUtcNow(),
            options.Value.FirstRetry * Backoff.Jitter(),
            round.LastError ?? "",
            options.Value.LongestRetry,
            round.Pause
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        log.LogWarning(
            "{Axis} ({Direction}) failed {Failures} times in a row ({Error}){Consequence}",
            axis,
            direction,
            reader.GetInt32(1),
            round.LastError,
            reader.GetBoolean(0) ? "; only probes pass until one gets through" : ""
        );
    }

    public async Task PauseAsync(
        string axis,
        string direction,
        string by,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(Pause, axis, direction, clock.GetUtcNow(), by);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task ResumeAsync(
        string axis,
        string direction,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(Resume, axis, direction);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task WriteCallsAsync(
        string axis,
        FarRound round,
        CancellationToken cancellationToken
    )
    {
        const NpgsqlDbType Array = NpgsqlDbType.Array;
        var calls = round.Calls.ToArray();
        await using var command = Command(Calls, axis);
        Add(NpgsqlDbType.Text, calls.Select(call => call.Key));
        Add(NpgsqlDbType.TimestampTz, calls.Select(call => call.Value.SucceededAt));
        Add(NpgsqlDbType.TimestampTz, calls.Select(call => call.Value.FailedAt));
        Add(NpgsqlDbType.Text, calls.Select(call => call.Value.Failure));
        Add(NpgsqlDbType.Bigint, calls.Select(call => call.Value.ClockAheadMs));
        await command.ExecuteNonQueryAsync(cancellationToken);

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) =>
            command.Parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = Array | type, Value = values.ToArray() }
            );
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
