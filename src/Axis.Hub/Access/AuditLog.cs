using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Access;

/// <summary>
/// Writes audit lines in shared transactions. A line that cannot be stored goes to the log, complete, so that it is
/// not lost with the database.
/// </summary>
public sealed class AuditLog(
    GroupCommit<AuditLine, bool> writer,
    RepeatedRefusals repeated,
    TimeProvider clock,
    ILogger<AuditLog> log
)
{
    /// <summary>Queues a line; returns at once. For what needs no proof before the answer.</summary>
    public void Record(
        string action,
        AuditOutcome outcome,
        string actor,
        string? remote,
        object? detail = null
    )
    {
        var line = new AuditLine(clock.GetUtcNow(), actor, remote, action, outcome, detail);
        if (!writer.TrySubmit(line, out var written))
        {
            LogUnstored(line, "too many lines wait");
            return;
        }
        _ = written.ContinueWith(
            task => LogUnstored(line, task.Exception!.GetBaseException().Message),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default
        );
    }

    /// <summary>
    /// A refusal that anybody can bring about at will: one line a minute for the same actor, address, action and reason,
    /// which says how many it stands for. Otherwise a stranger could fill the disk.
    /// </summary>
    public void RecordRefusal(
        string action,
        string actor,
        string? remote,
        string reason,
        object? detail = null
    )
    {
        if (repeated.IsDue((action, actor, remote ?? "", reason), out var unrecorded))
        {
            Record(
                action,
                AuditOutcome.Denied,
                actor,
                remote,
                unrecorded == 0 ? detail : new { refusal = detail, unrecordedBefore = unrecorded }
            );
        }
    }

    /// <summary>Completes when the line is durable. A refusal may be answered only after its line is.</summary>
    /// <exception cref="AuditUnavailableException">The line could not be stored.</exception>
    public async Task RecordAsync(
        string action,
        AuditOutcome outcome,
        string actor,
        string? remote,
        object? detail = null
    )
    {
        var line = new AuditLine(clock.GetUtcNow(), actor, remote, action, outcome, detail);
        if (!writer.TrySubmit(line, out var written))
        {
            LogUnstored(line, "too many lines wait");
            throw new AuditUnavailableException("Too many audit lines wait to be written.");
        }
        try
        {
            await written;
        }
        catch (Exception failure)
        {
            LogUnstored(line, failure.Message);
            throw new AuditUnavailableException("The audit line could not be stored.", failure);
        }
    }

    /// <summary>The writer behind the log; it runs as a hosted service.</summary>
    public static GroupCommit<AuditLine, bool> CreateWriter(NpgsqlDataSource database) =>
        new(
            new GroupCommitLimits(
                MaxWaiting: 10_000,
                MaxItems: 500,
                MaxBytes: long.MaxValue,
                Writers: 1
            ),
            _ => 0,
            (lines, cancellationToken) => InsertAsync(database, lines, cancellationToken)
        );

    private static async Task<IReadOnlyList<bool>> InsertAsync(
        NpgsqlDataSource database,
        IReadOnlyList<AuditLine> lines,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            """
            INSERT INTO audit (at, actor, remote, action, outcome, detail)
            SELECT at, actor, remote, action, outcome, detail
            FROM unnest($1, $2, $3, $4, $5, $6)
                WITH ORDINALITY AS line (at, actor, remote, action, outcome, detail, n)
            ORDER BY n
            """
        );
        command.Parameters.Add(new() { Value = lines.Select(line => line.At).ToArray() });
        command.Parameters.Add(new() { Value = lines.Select(line => line.Actor).ToArray() });
        command.Parameters.Add(new() { Value = lines.Select(line => line.Remote).ToArray() });
        command.Parameters.Add(new() { Value = lines.Select(line => line.Action).ToArray() });
        command.Parameters.Add(
            new() { Value = lines.Select(line => NameOf(line.Outcome)).ToArray() }
        );
        command.Parameters.Add(
            new()
            {
                Value = lines.Select(line => DetailOf(line)).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
            }
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new bool[lines.Count];
    }

    // jsonb cannot hold U+0000, and one such value must not cost the line.
    private static string DetailOf(AuditLine line) =>
        line.Detail is null
            ? "{}"
            : JsonSerializer
                .Serialize(line.Detail, HubJson.Options)
                .Replace("\\u0000", "\\ufffd", StringComparison.Ordinal);

    private static string NameOf(AuditOutcome outcome) =>
        outcome switch
        {
            AuditOutcome.Ok => "ok",
            AuditOutcome.Refused => "refused",
            _ => "denied",
        };

    private void LogUnstored(AuditLine line, string reason) =>
        log.LogError(
            "Audit line not stored ({Reason}): {At:O} {Actor} {Remote} {Action} {Outcome} {Detail}",
            reason,
            line.At,
            line.Actor,
            line.Remote,
            line.Action,
            NameOf(line.Outcome),
            DetailOf(line)
        );
}

/// <summary>What had to be on record before the answer could not be recorded; the request was not carried out.</summary>
public sealed class AuditUnavailableException : Exception
{
    public AuditUnavailableException(string message)
        : base(message) { }

    public AuditUnavailableException(string message, Exception cause)
        : base(message, cause) { }
}
