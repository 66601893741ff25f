using Axis.Hub.Broker;
using Axis.Hub.Statuses;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>
/// Deliveries that were tried often enough in vain: set aside as failed, by the table of the lifecycle like everything
/// else that happens to a delivery, so that the sender hears of it. They are few, and cost the others nothing.
/// </summary>
public sealed class GivenUpDeliveries(
    NpgsqlDataSource database,
    LifeChangeWriter changes,
    TimeProvider clock
)
{
    private const string Reasons = """
        UPDATE delivery d SET last_error = f.reason, failure = f.failure, changed_at = $4
        FROM unnest($1, $2, $3) AS f (id, reason, failure) WHERE d.id = f.id AND d.state = 'failed'
        """;

    /// <summary>A row that was handed over or taken meanwhile stays as it is.</summary>
    public async Task SetAsideAsync(
        IReadOnlyList<FailedSend<DispatchItem>> rows,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var locked = await DeliveryLocks.TakeAsync(
            connection,
            rows.Select(failed => failed.Row.DeliveryId),
            cancellationToken
        );
        var now = clock.GetUtcNow();
        var failed = new List<(FailedSend<DispatchItem> Send, LifeChange Change)>();
        foreach (var send in rows)
        {
            if (
                locked.GetValueOrDefault(send.Row.DeliveryId)
                    is { Position.State: "waiting" } delivery
                && delivery.OfficeSystemId == send.Row.OfficeSystemId
            )
            {
                var cause = new LifeCause(now, HistoryWords.Failed, "hub", send.Reason);
                failed.Add((send, LifeChange.Judge(delivery, LifeEvent.Fail, cause)));
            }
        }
        LifeChange[] applied =
        [
            .. failed
                .Select(one => one.Change)
                .Where(change => change.Outcome == ReportOutcome.Applied),
        ];
        var planned = await changes.WriteAsync(connection, applied, cancellationToken);
        await using (var reasons = new NpgsqlCommand(Reasons, connection))
        {
            reasons.Parameters.Add(
                new() { Value = failed.Select(one => one.Send.Row.DeliveryId).ToArray() }
            );
            reasons.Parameters.Add(
                new() { Value = failed.Select(one => one.Send.Reason).ToArray() }
            );
            reasons.Parameters.Add(
                new() { Value = failed.Select(one => one.Send.Failure).ToArray() }
            );
            reasons.Parameters.Add(new() { Value = now });
            await reasons.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        changes.Announce(applied, planned);
    }
}
