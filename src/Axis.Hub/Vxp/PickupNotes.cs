using Axis.Hub.Access;
using Axis.Hub.Storage;
using Axis.Vxp;
using Npgsql;

namespace Axis.Hub.Vxp;

/// <summary>
/// What recipients say while they take a document or a status over. It moves nothing: the delivery stays in the inbox
/// until it is acknowledged, and the IT centre sees what was said.
/// </summary>
public sealed class PickupNotes(NpgsqlDataSource database, TimeOrderedIds ids, TimeProvider clock)
{
    private const int MaxDescription = 500;

    // The same word again changes nothing and leaves no second line of history.
    private const string NoteDelivery = """
        WITH mine AS (
            SELECT id, state, pickup FROM delivery WHERE id = $1 AND office_system_id = $2 FOR UPDATE
        ),
        moved AS (
            UPDATE delivery d SET pickup = $3, changed_at = $4, last_error = CASE WHEN $3 = 'fail' THEN $5 END
            FROM mine
            WHERE d.id = $1 AND mine.state IN ('waiting', 'dispatched') AND mine.pickup IS DISTINCT FROM $3
            RETURNING d.id
        ),
        history AS (
            INSERT INTO delivery_history (id, delivery_id, at, what, actor, detail)
            SELECT $6, moved.id, $4, 'pickup', $2, $5 FROM moved
        )
        SELECT EXISTS (SELECT FROM mine)
        """;

    private const string NoteEvent = """
        WITH mine AS (
            SELECT id, state FROM event WHERE id = $1 AND office_system_id = $2 AND report_id IS NOT NULL FOR UPDATE
        ),
        moved AS (
            UPDATE event e SET pickup = $3 FROM mine WHERE e.id = $1 AND mine.state = 'listed'
        )
        SELECT EXISTS (SELECT FROM mine)
        """;

    /// <summary>False when neither a delivery nor a status of that id is in this office system's care.</summary>
    public async Task<bool> NoteAsync(
        Collects collects,
        Guid id,
        string word,
        string? description,
        CancellationToken cancellationToken
    ) =>
        await NoteDeliveryAsync(collects, id, word, description, cancellationToken)
        || await NoteEventAsync(collects, id, word, cancellationToken);

    /// <summary>Whether a status package of that id is addressed to this office system, taken or not.</summary>
    public async Task<bool> IsEventOfAsync(
        Collects collects,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "SELECT EXISTS (SELECT FROM event WHERE id = $1 AND office_system_id = $2 AND report_id IS NOT NULL)"
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<bool> NoteDeliveryAsync(
        Collects collects,
        Guid id,
        string word,
        string? description,
        CancellationToken cancellationToken
    )
    {
        var said = string.IsNullOrWhiteSpace(description)
            ? "no reason given"
            : StoredText.Shortened(description, MaxDescription);
        await using var command = database.CreateCommand(NoteDelivery);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        command.Parameters.Add(new() { Value = word });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = word == VxpValue.Fail ? $"fail: {said}" : word });
        command.Parameters.Add(new() { Value = ids.Next() });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<bool> NoteEventAsync(
        Collects collects,
        Guid id,
        string word,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(NoteEvent);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        command.Parameters.Add(new() { Value = word });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
