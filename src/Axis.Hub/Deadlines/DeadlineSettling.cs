using Axis.Hub.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Deadlines;

/// <summary>Stops clocks in the transaction of the change that stops them.</summary>
internal static class DeadlineSettling
{
    private const NpgsqlDbType Array = NpgsqlDbType.Array;

    // The delivery's row is held, so nobody else settles its clocks meanwhile. What is settled stays settled.
    internal const string Settle = """
        UPDATE deadline x
        SET settled_at = c.at, next_reminder_at = NULL,
            outcome = CASE WHEN c.void THEN 'void' WHEN c.at <= x.due_at THEN 'met' ELSE 'missed' END
        FROM unnest($1, $2, $3, $4) AS c (delivery_id, kind, at, void)
        WHERE x.delivery_id = c.delivery_id AND x.kind = c.kind AND x.settled_at IS NULL
        """;

    /// <summary>Adds the statement when one of the changes may stop a clock.</summary>
    public static void AddTo(NpgsqlBatch batch, IEnumerable<LifeChange> changes)
    {
        var stops = changes
            .Where(change =>
                change.Outcome == ReportOutcome.Applied
                && WorkAt(change.Before) != WorkAt(change.After)
            )
            .SelectMany(change =>
                StopsOf(WorkAt(change.After))
                    .Select(stop => (change.Delivery.Id, stop.Kind, change.Cause.At, stop.Void))
            )
            .ToArray();
        if (stops.Length == 0)
        {
            return;
        }
        var settle = new NpgsqlBatchCommand(Settle);
        Add(NpgsqlDbType.Uuid, stops.Select(stop => stop.Id).ToArray());
        Add(NpgsqlDbType.Text, stops.Select(stop => stop.Kind).ToArray());
        Add(NpgsqlDbType.TimestampTz, stops.Select(stop => stop.At).ToArray());
        Add(NpgsqlDbType.Boolean, stops.Select(stop => stop.Void).ToArray());
        batch.BatchCommands.Add(settle);

        void Add<T>(NpgsqlDbType type, T[] values) =>
            settle.Parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = Array | type, Value = values }
            );
    }

    /// <summary>An open question lies over the work and does not stop it; what is done under it is done in time or not.</summary>
    private static Stage WorkAt(Position at) =>
        at.Stage is Stage.RecallAsked or Stage.UpdateAsked ? at.Beneath : at.Stage;

    /// <summary>Which clocks a stage stops, and whether nobody kept or missed them.</summary>
    private static (string Kind, bool Void)[] StopsOf(Stage stage) =>
        stage switch
        {
            Stage.Received or Stage.Assigned or Stage.Processing =>
            [
                (DeadlineKinds.Reception, false),
            ],
            Stage.Done => [(DeadlineKinds.Reception, false), (DeadlineKinds.Completion, false)],
            // An answer in time; there will be no work.
            Stage.Refused => [(DeadlineKinds.Reception, false), (DeadlineKinds.Completion, true)],
            Stage.Recalled or Stage.Withdrawn or Stage.Replaced or Stage.Expired =>
            [
                (DeadlineKinds.Reception, true),
                (DeadlineKinds.Completion, true),
            ],
            _ => [],
        };
}
