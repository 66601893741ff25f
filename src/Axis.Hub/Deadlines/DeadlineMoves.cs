using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Deadlines;

/// <summary>
/// The day that an update of a letter names is its new deadline: the sender's word, as the first one was. In the
/// transaction of the update, with the deliveries' rows held.
/// </summary>
public sealed class DeadlineMoves(DeadlinePlan plan, EventAnnouncer announcer, TimeOrderedIds ids)
{
    private const NpgsqlDbType Array = NpgsqlDbType.Array;

    // A letter that asked for no day may be given one. What is settled stays settled.
    private const string Move = """
        INSERT INTO deadline AS x (delivery_id, kind, package_id, sender_agency_id, recipient_agency_id, started_at,
            first_due_at, due_at, next_reminder_at)
        SELECT m.id, 'completion', m.package_id, m.sender, m.recipient, $5, $6, $6, $7
        FROM unnest($1, $2, $3, $4) AS m (id, package_id, sender, recipient)
        ON CONFLICT (delivery_id, kind) DO UPDATE
        SET due_at = excluded.due_at, next_reminder_at = excluded.next_reminder_at, reminders = 0
        WHERE x.settled_at IS NULL AND x.due_at <> excluded.due_at
        RETURNING delivery_id
        """;

    // Whoever asked for more time and has it now need not be answered.
    private const string AnswerAsked = """
        UPDATE deadline_extension
        SET state = 'granted', answered_at = $2, answered_by = $3, until = $4
        WHERE delivery_id = ANY($1) AND state = 'asked' AND asked_until <= $4
        """;

    private const string History = """
        INSERT INTO delivery_history (id, delivery_id, at, what, actor, detail)
        SELECT h.id, h.delivery_id, $3, $4, $5, $6 FROM unnest($1, $2) AS h (id, delivery_id)
        """;

    /// <summary>Moves the clocks of those who were asked to take the update; the events are announced after the commit.</summary>
    /// <param name="day">The DueDate of the update; null moves nothing.</param>
    internal async Task<IReadOnlyList<PlannedEvent>> FollowAsync(
        NpgsqlConnection connection,
        IReadOnlyList<LifeChange> changes,
        DateOnly? day,
        CancellationToken cancellationToken
    )
    {
        var asked = changes
            .Where(change =>
                change.Raised == LifeEvent.Update
                && change.Outcome == ReportOutcome.Applied
                && change.After.Beneath != Stage.Done
            )
            .ToArray();
        if (asked.Length == 0 || plan.CompletionOf(day) is not { } due)
        {
            return [];
        }
        var cause = asked[0].Cause;
        var letters = asked
            .Select(change => change.Delivery)
            .Distinct()
            .ToDictionary(one => one.Id);
        var moved = await MoveAsync(
            connection,
            [.. letters.Values],
            cause.At,
            due,
            cancellationToken
        );
        if (moved.Count == 0)
        {
            return [];
        }
        await using (var batch = new NpgsqlBatch(connection))
        {
            var answer = new NpgsqlBatchCommand(AnswerAsked);
            answer.Parameters.Add(new() { Value = moved.ToArray() });
            answer.Parameters.Add(new() { Value = cause.At });
            answer.Parameters.Add(new() { Value = cause.Actor });
            answer.Parameters.Add(new() { Value = due });
            batch.BatchCommands.Add(answer);
            var history = new NpgsqlBatchCommand(History);
            history.Parameters.Add(new() { Value = moved.Select(_ => ids.Next()).ToArray() });
            history.Parameters.Add(new() { Value = moved.ToArray() });
            history.Parameters.Add(new() { Value = cause.At });
            history.Parameters.Add(new() { Value = HistoryWords.DeadlineMoved });
            history.Parameters.Add(new() { Value = cause.Actor });
            history.Parameters.Add(new() { Value = $"{WorkingTime.DayOf(due):yyyy-MM-dd}" });
            batch.BatchCommands.Add(history);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        var planned = new List<PlannedEvent>();
        foreach (var id in moved)
        {
            announcer.PlanDeadline(
                planned,
                letters[id],
                EventTypes.DeadlineMoved,
                new DeadlineNews(DeadlineKinds.Completion, due),
                cause.At
            );
        }
        await announcer.WriteAloneAsync(connection, planned, cancellationToken);
        return planned;
    }

    private async Task<List<Guid>> MoveAsync(
        NpgsqlConnection connection,
        LockedDelivery[] letters,
        DateTimeOffset now,
        DateTimeOffset due,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Move, connection);
        Add(letters.Select(letter => letter.Id));
        Add(letters.Select(letter => letter.PackageId));
        Add(letters.Select(letter => letter.SenderAgencyId));
        Add(letters.Select(letter => letter.RecipientAgencyId));
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = due });
        command.Parameters.Add(new() { Value = plan.FirstReminder(now, due) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var moved = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            moved.Add(reader.GetGuid(0));
        }
        return moved;

        void Add(IEnumerable<Guid> values) =>
            command.Parameters.Add(
                new NpgsqlParameter
                {
                    NpgsqlDbType = Array | NpgsqlDbType.Uuid,
                    Value = values.ToArray(),
                }
            );
    }
}
