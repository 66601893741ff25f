using Axis.Hub.Events;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// Events of a month that leaves which nobody took off the list in <c>Events:KeepDays</c>. Whoever hears of events by
/// the feed, a stream, a webhook or the VXP door takes none off it, so they would stay for ever: they are finished, as
/// for the feed. Those for another axis are not, because its gateway has only the list.
/// </summary>
public sealed class UnreadEvents(
    NpgsqlDataSource database,
    IOptions<EventOptions> options,
    TimeProvider clock
)
{
    private const int Portion = 5_000;

    private const string Find = """
        SELECT e.id FROM event e
        WHERE e.id > coalesce($1, uuid7_floor($2)) AND e.id < uuid7_floor($3) AND e.state = 'listed'
            AND EXISTS (SELECT FROM office_system s WHERE s.id = e.office_system_id)
        ORDER BY e.id LIMIT $4
        """;

    public async Task FinishAsync(ArchiveMonth month, CancellationToken cancellationToken)
    {
        var kept = clock.GetUtcNow().AddDays(-options.Value.KeepDays);
        Guid? last = null;
        while (true)
        {
            // Found first and changed after: a statement that writes must be short (docs/events.md).
            var ids = await FindAsync(
                last,
                month.Start,
                kept < month.End ? kept : month.End,
                cancellationToken
            );
            if (ids.Length == 0)
            {
                return;
            }
            await using var take = database.CreateCommand(
                "UPDATE event SET state = 'taken' WHERE id = ANY($1) AND state = 'listed'"
            );
            take.CommandTimeout = 0;
            take.Parameters.Add(new() { Value = ids });
            await take.ExecuteNonQueryAsync(cancellationToken);
            last = ids[^1];
        }
    }

    private async Task<Guid[]> FindAsync(
        Guid? after,
        DateTimeOffset from,
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Find);
        command.CommandTimeout = 0;
        command.Parameters.Add(
            new()
            {
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid,
                Value = after ?? (object)DBNull.Value,
            }
        );
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = before });
        command.Parameters.Add(new() { Value = Portion });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetGuid(0));
        }
        return [.. ids];
    }
}
