using System.Data.Common;
using Axis.Hub.Errors;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Dapper;
using Npgsql;

namespace Axis.Hub.Deadlines;

/// <summary>A request for more time and its answer.</summary>
/// <param name="State">asked, granted or declined.</param>
/// <param name="DueAt">The deadline as it stands after it.</param>
public sealed record ExtensionView(
    Guid DeliveryId,
    string State,
    DateTimeOffset AskedAt,
    DateTimeOffset AskedUntil,
    string Reason,
    DateTimeOffset? AnsweredAt,
    DateTimeOffset? Until,
    string? Answer,
    DateTimeOffset DueAt
);

/// <summary>What became of a call: the extension, and whether the call made it; or why not.</summary>
public sealed record ExtensionOutcome(ExtensionView? View, bool IsNew, ErrorItem? Refusal)
{
    internal static ExtensionOutcome No(ErrorItem refusal) => new(null, false, refusal);
}

/// <summary>
/// More time, asked by the recipient and given or not by the sender. Each step is one transaction under the delivery's
/// lock: the row, the moved deadline, a line of history, the event for the other side. A repeat of a step is answered
/// with what it did.
/// </summary>
public sealed class Extensions(
    NpgsqlDataSource database,
    EventAnnouncer announcer,
    DeadlinePlan plan,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    private const string Running = """
        SELECT due_at AS dueat FROM deadline WHERE delivery_id = @id AND kind = 'completion' AND settled_at IS NULL FOR UPDATE
        """;

    private const string Latest = """
        SELECT id, asked_at AS askedat, asked_until AS askeduntil, reason, state, answered_at AS answeredat, until, answer
        FROM deadline_extension WHERE delivery_id = @id ORDER BY id DESC LIMIT 1
        """;

    private const string History = """
        INSERT INTO delivery_history (id, delivery_id, at, what, actor, detail)
        VALUES (@historyId, @id, @now, @what, @actor, @detail)
        """;

    /// <summary>The recipient asks. The caller has proved to speak for it.</summary>
    public async Task<ExtensionOutcome> AskAsync(
        Guid deliveryId,
        string officeSystem,
        DateTimeOffset until,
        string reason,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var delivery = await LockAsync(connection, deliveryId, cancellationToken);
        var now = clock.GetUtcNow();
        var latest = await connection.QuerySingleOrDefaultAsync<Row>(
            Latest,
            new { id = deliveryId }
        );
        var running = await connection.QuerySingleOrDefaultAsync<RunningRow>(
            Running,
            new { id = deliveryId }
        );
        if (running?.DueAt is not { } due)
        {
            return ExtensionOutcome.No(
                DeadlineErrors.NoDeadline.At(null, deliveryId.ToString(), deliveryId)
            );
        }
        if (latest is { State: "asked" })
        {
            return latest.AskedUntil == until && latest.Reason == reason
                ? new(ViewOf(deliveryId, latest, due), false, null)
                : ExtensionOutcome.No(
                    DeadlineErrors.AskedAlready.At("until", null, DayOf(latest.AskedUntil))
                );
        }
        if (until <= due)
        {
            return ExtensionOutcome.No(
                DeadlineErrors.NotLater.At("until", DayOf(until), DayOf(until), DayOf(due))
            );
        }
        var asked = new Row
        {
            Id = ids.Next(),
            AskedAt = now,
            AskedUntil = until,
            Reason = reason,
            State = "asked",
        };
        await connection.ExecuteAsync(
            """
            INSERT INTO deadline_extension (id, delivery_id, asked_at, asked_by, asked_until, reason, state)
            VALUES (@extension, @id, @now, @actor, @until, @reason, 'asked')
            """,
            new
            {
                extension = asked.Id,
                id = deliveryId,
                now,
                actor = officeSystem,
                until,
                reason,
            }
        );
        await TellAsync(
            connection,
            transaction,
            delivery,
            (EventTypes.ExtensionAsked, HistoryWords.ExtensionAsked),
            new DeadlineNews(DeadlineKinds.Completion, due, until, Words: reason),
            (officeSystem, $"{DayOf(until)}: {reason}", now),
            cancellationToken
        );
        return new(ViewOf(deliveryId, asked, due), true, null);
    }

    /// <summary>The sender answers. The caller has proved to speak for it.</summary>
    /// <param name="until">Of a grant: another day than was asked for.</param>
    public async Task<ExtensionOutcome> AnswerAsync(
        Guid deliveryId,
        string officeSystem,
        bool granted,
        DateTimeOffset? until,
        string? words,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var delivery = await LockAsync(connection, deliveryId, cancellationToken);
        var now = clock.GetUtcNow();
        var latest = await connection.QuerySingleOrDefaultAsync<Row>(
            Latest,
            new { id = deliveryId }
        );
        var running = await connection.QuerySingleOrDefaultAsync<RunningRow>(
            Running,
            new { id = deliveryId }
        );
        if (latest is { } last && last.State == (granted ? "granted" : "declined"))
        {
            return new(
                ViewOf(deliveryId, last, running?.DueAt ?? last.Until ?? last.AskedUntil),
                false,
                null
            );
        }
        if (latest is not { State: "asked" } asked)
        {
            return ExtensionOutcome.No(
                DeadlineErrors.NothingAsked.At(null, deliveryId.ToString(), deliveryId)
            );
        }
        if (running?.DueAt is not { } due)
        {
            return ExtensionOutcome.No(
                DeadlineErrors.NoDeadline.At(null, deliveryId.ToString(), deliveryId)
            );
        }
        DateTimeOffset? given = granted ? until ?? asked.AskedUntil : null;
        if (given <= due)
        {
            return ExtensionOutcome.No(
                DeadlineErrors.NotLater.At(
                    "until",
                    DayOf(given.Value),
                    DayOf(given.Value),
                    DayOf(due)
                )
            );
        }
        var answered = new Row
        {
            Id = asked.Id,
            AskedAt = asked.AskedAt,
            AskedUntil = asked.AskedUntil,
            Reason = asked.Reason,
            State = granted ? "granted" : "declined",
            AnsweredAt = now,
            Until = given,
            Answer = words,
        };
        await connection.ExecuteAsync(
            """
            UPDATE deadline_extension
            SET state = @state, answered_at = @now, answered_by = @actor, until = @given, answer = @words
            WHERE id = @extension
            """,
            new
            {
                extension = asked.Id,
                state = answered.State,
                now,
                actor = officeSystem,
                given,
                words,
            }
        );
        if (given is { } later)
        {
            await connection.ExecuteAsync(
                """
                UPDATE deadline SET due_at = @later, next_reminder_at = @reminder, reminders = 0
                WHERE delivery_id = @id AND kind = 'completion'
                """,
                new
                {
                    id = deliveryId,
                    later,
                    reminder = plan.FirstReminder(now, later),
                }
            );
        }
        await TellAsync(
            connection,
            transaction,
            delivery,
            (
                EventTypes.ExtensionAnswered,
                granted ? HistoryWords.ExtensionGranted : HistoryWords.ExtensionDeclined
            ),
            new DeadlineNews(
                DeadlineKinds.Completion,
                given ?? due,
                asked.AskedUntil,
                granted,
                words
            ),
            (officeSystem, given is { } day ? DayOf(day) : words ?? "", now),
            cancellationToken
        );
        return new(ViewOf(deliveryId, answered, given ?? due), true, null);
    }

    private static async Task<LockedDelivery> LockAsync(
        NpgsqlConnection connection,
        Guid deliveryId,
        CancellationToken cancellationToken
    ) => (await DeliveryLocks.TakeAsync(connection, [deliveryId], cancellationToken))[deliveryId];

    private async Task TellAsync(
        NpgsqlConnection connection,
        DbTransaction transaction,
        LockedDelivery delivery,
        (EventType Type, string What) step,
        DeadlineNews news,
        (string Actor, string Detail, DateTimeOffset At) line,
        CancellationToken cancellationToken
    )
    {
        await connection.ExecuteAsync(
            History,
            new
            {
                historyId = ids.Next(),
                id = delivery.Id,
                now = line.At,
                what = step.What,
                actor = line.Actor,
                detail = line.Detail,
            }
        );
        var planned = new List<PlannedEvent>();
        announcer.PlanDeadline(planned, delivery, step.Type, news, line.At);
        await DeliveryLocks.SaveEventCountsAsync(connection, [delivery], cancellationToken);
        await announcer.WriteAsync(connection, planned, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        announcer.Announce(planned);
    }

    private static string DayOf(DateTimeOffset instant) =>
        $"{WorkingTime.DayOf(instant):yyyy-MM-dd}";

    private static ExtensionView ViewOf(Guid deliveryId, Row row, DateTimeOffset dueAt) =>
        new(
            deliveryId,
            row.State,
            row.AskedAt,
            row.AskedUntil,
            row.Reason,
            row.AnsweredAt,
            row.Until,
            row.Answer,
            dueAt
        );

    private sealed class RunningRow
    {
        public DateTimeOffset DueAt { get; init; }
    }

    private sealed class Row
    {
        public Guid Id { get; init; }
        public DateTimeOffset AskedAt { get; init; }
        public DateTimeOffset AskedUntil { get; init; }
        public string Reason { get; init; } = "";
        public string State { get; init; } = "";
        public DateTimeOffset? AnsweredAt { get; init; }
        public DateTimeOffset? Until { get; init; }
        public string? Answer { get; init; }
    }
}
