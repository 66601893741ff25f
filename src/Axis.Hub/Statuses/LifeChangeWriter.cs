using Axis.Hub.Deadlines;
using Axis.Hub.Operations;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Statuses;

/// <summary>
/// Writes judged changes in the caller's transaction: the moved rows, the history of all, questions and answers, events.
/// </summary>
public sealed class LifeChangeWriter(
    EventAnnouncer announcer,
    HubMetrics metrics,
    TimeOrderedIds ids,
    IOptions<DialogueOptions> dialogues
)
{
    private const NpgsqlDbType Array = NpgsqlDbType.Array;

    // The ids stand there twice: as an array they tell the months, and are looked up (as in DeliveryLocks).
    // Whatever ends or moves a delivery, the 01 that was owed for collecting it is not owed any more.
    internal const string Move = """
        UPDATE delivery d
        SET state = m.state, work = m.work, dialogue = m.dialogue, status = coalesce(m.status, d.status),
            changed_at = coalesce(m.changed_at, d.changed_at), event_count = m.event_count,
            next_attempt_at = CASE WHEN m.state = 'waiting' THEN d.next_attempt_at END,
            last_error = CASE WHEN m.state IN ('waiting', 'failed') THEN d.last_error END,
            arrival_due = CASE WHEN m.changed_at IS NULL THEN d.arrival_due END
        FROM unnest($1, $2, $3, $4, $5, $6, $7)
            AS m (id, state, work, dialogue, status, changed_at, event_count)
        WHERE d.id = m.id AND d.id = ANY($1)
        """;

    private const string History = """
        INSERT INTO delivery_history (id, delivery_id, at, what, status, outcome, actor, detail, report_id)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    private const string CloseQuestions = """
        UPDATE dialogue q
        SET state = c.state, answered_at = c.at, answer_report_id = c.report_id, answer_said_at = c.said_at,
            next_reminder_at = NULL
        FROM unnest($1, $2, $3, $4, $5) AS c (delivery_id, state, at, report_id, said_at)
        WHERE q.delivery_id = c.delivery_id AND q.state = 'asked'
        """;

    private const string Ask = """
        INSERT INTO dialogue (id, delivery_id, kind, asked_by, asked_at, reason, state, answered_at, answer_report_id,
            answer_said_at, asked_again, next_reminder_at)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """;

    /// <summary>Returns the events, to be announced after the commit.</summary>
    internal async Task<IReadOnlyList<PlannedEvent>> WriteAsync(
        NpgsqlConnection connection,
        IReadOnlyList<LifeChange> changes,
        CancellationToken cancellationToken
    )
    {
        if (changes.Count == 0)
        {
            return [];
        }
        var planned = announcer.Plan(changes);
        await using var batch = new NpgsqlBatch(connection);
        AddMoves(batch, changes);
        AddHistory(batch, changes);
        AddQuestions(batch, changes);
        DeadlineSettling.AddTo(batch, changes);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await announcer.WriteAsync(connection, planned, cancellationToken);
        return planned;
    }

    internal void Announce(IReadOnlyList<LifeChange> changes, IReadOnlyList<PlannedEvent> planned)
    {
        foreach (var change in changes)
        {
            if (change.Cause.Code is { } code)
            {
                metrics.StatusReported(code, OutcomeNames.Of(change.Outcome));
            }
        }
        announcer.Announce(planned);
    }

    private static void AddMoves(NpgsqlBatch batch, IReadOnlyList<LifeChange> changes)
    {
        // Of several changes of one delivery the last says where it stands; each may bring a code.
        var rows = changes
            .GroupBy(change => change.Delivery.Id)
            .ToDictionary(
                group => group.Key,
                group =>
                    (
                        group.Last().Delivery,
                        Code: group.Select(StatusOf).LastOrDefault(code => code is not null),
                        At: group
                            .Where(change => change.Outcome == ReportOutcome.Applied)
                            .Select(change => (DateTimeOffset?)change.Cause.At)
                            .LastOrDefault()
                    )
            );
        var moved = rows.OrderBy(row => row.Key).Select(row => row.Value).ToArray();
        var move = new NpgsqlBatchCommand(Move);
        Add(move, NpgsqlDbType.Uuid, moved.Select(row => row.Delivery.Id));
        Add(move, NpgsqlDbType.Text, moved.Select(row => row.Delivery.Position.State));
        Add(move, NpgsqlDbType.Text, moved.Select(row => row.Delivery.Position.Work));
        Add(move, NpgsqlDbType.Text, moved.Select(row => row.Delivery.Position.Dialogue));
        Add(move, NpgsqlDbType.Text, moved.Select(row => row.Code));
        Add(move, NpgsqlDbType.TimestampTz, moved.Select(row => row.At));
        Add(move, NpgsqlDbType.Integer, moved.Select(row => row.Delivery.EventCount));
        batch.BatchCommands.Add(move);
    }

    /// <summary>The status code an applied change leaves on the delivery; a recall by package is a 13 like any other.</summary>
    private static string? StatusOf(LifeChange change) =>
        change.Outcome != ReportOutcome.Applied ? null
        : change.Raised == LifeEvent.Recall ? "13"
        : change.Cause.Code;

    private void AddHistory(NpgsqlBatch batch, IReadOnlyList<LifeChange> changes)
    {
        var history = new NpgsqlBatchCommand(History);
        Add(history, NpgsqlDbType.Uuid, changes.Select(_ => ids.Next()));
        Add(history, NpgsqlDbType.Uuid, changes.Select(change => change.Delivery.Id));
        Add(history, NpgsqlDbType.TimestampTz, changes.Select(change => change.Cause.At));
        Add(history, NpgsqlDbType.Text, changes.Select(change => change.Cause.What));
        Add(history, NpgsqlDbType.Text, changes.Select(change => change.Cause.Code));
        Add(
            history,
            NpgsqlDbType.Text,
            changes.Select(change =>
                change.Cause.What is HistoryWords.Expired or HistoryWords.Failed
                    ? null
                    : OutcomeNames.Of(change.Outcome)
            )
        );
        Add(history, NpgsqlDbType.Text, changes.Select(change => change.Cause.Actor));
        Add(
            history,
            NpgsqlDbType.Text,
            changes.Select(change =>
                string.IsNullOrEmpty(change.Cause.Detail) ? null : change.Cause.Detail
            )
        );
        Add(history, NpgsqlDbType.Uuid, changes.Select(change => change.Cause.ReportId));
        batch.BatchCommands.Add(history);
    }

    private void AddQuestions(NpgsqlBatch batch, IReadOnlyList<LifeChange> changes)
    {
        var closed = new Dictionary<Guid, Closing>();
        var asked = new List<Question>();
        foreach (var change in changes.Where(one => one.Outcome == ReportOutcome.Applied))
        {
            var delivery = change.Delivery.Id;
            if (ClosingOf(change) is { } closing)
            {
                var own = asked.FindLastIndex(question =>
                    question.DeliveryId == delivery && question.Closing is null
                );
                if (own >= 0)
                {
                    asked[own] = asked[own] with { Closing = closing };
                }
                else
                {
                    closed.TryAdd(delivery, closing);
                }
            }
            if (
                change is
                {
                    Raised: LifeEvent.Recall or LifeEvent.Update,
                    After.Stage: Stage.RecallAsked or Stage.UpdateAsked
                }
            )
            {
                asked.Add(new Question(delivery, change, null));
            }
        }
        if (closed.Count > 0)
        {
            var close = new NpgsqlBatchCommand(CloseQuestions);
            Add(close, NpgsqlDbType.Uuid, closed.Keys);
            Add(close, NpgsqlDbType.Text, closed.Values.Select(one => one.State));
            Add(close, NpgsqlDbType.TimestampTz, closed.Values.Select(one => one.At));
            Add(close, NpgsqlDbType.Uuid, closed.Values.Select(one => one.ReportId));
            Add(close, NpgsqlDbType.TimestampTz, closed.Values.Select(one => one.SaidAt));
            batch.BatchCommands.Add(close);
        }
        if (asked.Count > 0)
        {
            var ask = new NpgsqlBatchCommand(Ask);
            var causes = asked.Select(question => question.Change.Cause).ToArray();
            Add(ask, NpgsqlDbType.Uuid, asked.Select(_ => ids.Next()));
            Add(ask, NpgsqlDbType.Uuid, asked.Select(question => question.DeliveryId));
            Add(ask, NpgsqlDbType.Text, asked.Select(question => question.Kind));
            Add(
                ask,
                NpgsqlDbType.Uuid,
                causes.Select(one => one.ReportId ?? one.ActPackageId!.Value)
            );
            Add(ask, NpgsqlDbType.TimestampTz, causes.Select(one => one.At));
            Add(ask, NpgsqlDbType.Text, causes.Select(one => one.Detail));
            Add(ask, NpgsqlDbType.Text, asked.Select(one => one.Closing?.State ?? "asked"));
            Add(ask, NpgsqlDbType.TimestampTz, asked.Select(one => one.Closing?.At));
            Add(ask, NpgsqlDbType.Uuid, asked.Select(one => one.Closing?.ReportId));
            Add(ask, NpgsqlDbType.TimestampTz, asked.Select(one => one.Closing?.SaidAt)); // $10
            Add(
                ask,
                NpgsqlDbType.Boolean,
                asked.Select(one => one.Change.Before.Dialogue is not null)
            );
            Add(
                ask,
                NpgsqlDbType.TimestampTz,
                asked.Select(one =>
                    one.Kind == "recall" && one.Closing is null && dialogues.Value.MaxReminders > 0
                        ? one.Change.Cause.At + dialogues.Value.RemindAfter
                        : (DateTimeOffset?)null
                )
            );
            batch.BatchCommands.Add(ask);
        }
    }

    private static Closing? ClosingOf(LifeChange change)
    {
        if (!change.Before.IsAsked)
        {
            return null;
        }
        var state = change.Raised switch
        {
            LifeEvent.Agree => "agreed",
            LifeEvent.Decline => "declined",
            LifeEvent.Recall when change.After.Stage == Stage.RecallAsked => "overtaken",
            LifeEvent.Update => "overtaken",
            _ when !change.After.IsAsked => "closed",
            _ => null,
        };
        return state is null
            ? null
            : new Closing(
                state,
                change.Cause.At,
                change.Cause.ReportId,
                state is "agreed" or "declined" ? change.Cause.ReportedAt?.ToUniversalTime() : null
            );
    }

    private static void Add<T>(
        NpgsqlBatchCommand command,
        NpgsqlDbType type,
        IEnumerable<T> values
    ) =>
        command.Parameters.Add(
            new NpgsqlParameter { NpgsqlDbType = Array | type, Value = values.ToArray() }
        );

    private sealed record Closing(
        string State,
        DateTimeOffset At,
        Guid? ReportId,
        DateTimeOffset? SaidAt
    );

    private sealed record Question(Guid DeliveryId, LifeChange Change, Closing? Closing)
    {
        public string Kind => Change.Raised == LifeEvent.Recall ? "recall" : "update";
    }
}

/// <summary>The words of history lines that the lifecycle writes.</summary>
public static class HistoryWords
{
    public const string Status = "status";
    public const string Recall = "recall";
    public const string Update = "update";
    public const string Replace = "replace";
    public const string Failed = "failed";
    public const string Expired = "expired";
    public const string Reminded = "reminded";
    public const string DeadlineMoved = "deadline_moved";
    public const string ExtensionAsked = "extension_asked";
    public const string ExtensionGranted = "extension_granted";
    public const string ExtensionDeclined = "extension_declined";
}
