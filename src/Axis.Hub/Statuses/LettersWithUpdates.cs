using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>
/// Deliveries of letters, locked together with those of their updates: an update of a letter that its recipient has no
/// more says nothing, so what is not taken of it leaves the inbox with the letter.
/// </summary>
internal sealed class LettersWithUpdates
{
    // An update is linked to its letter; it may be linked to several that are asked for: to the letter, and to the
    // update that was a letter to who had lost the first.
    internal const string UpdatesOf = """
        SELECT DISTINCT k.package_id
        FROM delivery l JOIN package_link k ON k.target_package_id = l.package_id AND k.business = 2
        WHERE l.id = ANY($1)
        """;

    internal const string DeliveriesOf = """
        SELECT d.id, d.about
        FROM unnest($1) AS u (package_id) CROSS JOIN LATERAL (
            SELECT * FROM delivery d WHERE d.package_id = u.package_id AND d.id >= $2 AND d.id < $3 OFFSET 0
        ) AS d
        WHERE d.about = ANY($4)
        """;

    private const string BeforeLocks = "before_locks";

    private readonly Dictionary<Guid, LockedDelivery> _locked;
    private readonly ILookup<Guid, LockedDelivery> _updates;

    private LettersWithUpdates(
        Dictionary<Guid, LockedDelivery> locked,
        Dictionary<Guid, Guid> updates
    )
    {
        _locked = locked;
        _updates = updates.ToLookup(one => one.Value, one => locked[one.Key]);
    }

    public LockedDelivery this[Guid deliveryId] => _locked[deliveryId];

    /// <param name="letters">All to be locked.</param>
    /// <param name="leaving">Those of them that may leave their recipient now, and their updates with them.</param>
    public static async Task<LettersWithUpdates> TakeAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        IReadOnlyCollection<Guid> letters,
        IReadOnlyCollection<Guid> leaving,
        CancellationToken cancellationToken
    )
    {
        if (leaving.Count == 0)
        {
            return new(await DeliveryLocks.TakeAsync(connection, letters, cancellationToken), []);
        }
        await transaction.SaveAsync(BeforeLocks, cancellationToken);
        var updates = await FindAsync(connection, leaving, cancellationToken);
        while (true)
        {
            var locked = await DeliveryLocks.TakeAsync(
                connection,
                [.. letters, .. updates.Keys],
                cancellationToken
            );
            // While the letters were waited for, an update may have been accepted. With them in hand no other comes: it
            // would have to hold them. The locks are let go and taken anew, so that all are in the order of the ids.
            var now = await FindAsync(connection, leaving, cancellationToken);
            if (now.Keys.All(updates.ContainsKey))
            {
                return new(locked, updates);
            }
            await transaction.RollbackAsync(BeforeLocks, cancellationToken);
            updates = now;
        }
    }

    /// <summary>What a change of a letter does to its updates: if it is gone, those not taken are withdrawn.</summary>
    public IEnumerable<LifeChange> GoneWith(LifeChange letter) =>
        letter.After.Stage is Stage.Withdrawn or Stage.Recalled or Stage.Replaced
            ? _updates[letter.Delivery.Id]
                .Where(update =>
                    update.Position.Stage is Stage.Accepted or Stage.Failed or Stage.Dispatched
                )
                .Select(update =>
                    LifeChange.Judge(
                        update,
                        LifeEvent.Recall,
                        letter.Cause.Code is null ? letter.Cause : WithoutReport(letter.Cause)
                    )
                )
            : [];

    /// <summary>The report is about the letter; of its update nobody reported anything.</summary>
    private static LifeCause WithoutReport(LifeCause cause) =>
        new(cause.At, HistoryWords.Recall, cause.Actor, cause.Detail);

    /// <summary>Deliveries of updates, each with the letter's delivery that it tells of.</summary>
    private static async Task<Dictionary<Guid, Guid>> FindAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<Guid> letters,
        CancellationToken cancellationToken
    )
    {
        var packages = new List<Guid>();
        await using (var batch = new NpgsqlBatch(connection))
        {
            Add(batch, UpdatesOf, letters.ToArray());
            await ReadAsync(batch, row => packages.Add(row.GetGuid(0)), cancellationToken);
        }
        var updates = new Dictionary<Guid, Guid>();
        if (packages.Count == 0)
        {
            return updates;
        }
        await using (var batch = new NpgsqlBatch(connection))
        {
            foreach (var (range, ids) in IdDays.Group(packages))
            {
                Add(batch, DeliveriesOf, ids, range.From, range.Before, letters.ToArray());
            }
            await ReadAsync(
                batch,
                row => updates[row.GetGuid(0)] = row.GetGuid(1),
                cancellationToken
            );
        }
        return updates;
    }

    private static void Add(NpgsqlBatch batch, string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        batch.BatchCommands.Add(command);
    }

    private static async Task ReadAsync(
        NpgsqlBatch batch,
        Action<NpgsqlDataReader> take,
        CancellationToken cancellationToken
    )
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                take(reader);
            }
        } while (await reader.NextResultAsync(cancellationToken));
    }
}
