using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Delivery.Replays;

/// <summary>Failed deliveries that share reason, route and office system.</summary>
/// <param name="Failure">The reason as a word.</param>
/// <param name="Example">The reason in full, of one of them.</param>
public sealed record DeadLetterGroup(
    string Failure,
    string Route,
    string? OfficeSystem,
    long Count,
    string? Example,
    DateTimeOffset OldestAt,
    DateTimeOffset NewestAt
);

/// <summary>What was given up, by group. Reads what has failed and nothing else.</summary>
public sealed class DeadLetters(NpgsqlDataSource database)
{
    private const string Group = """
        SELECT coalesce(failure, 'unknown'), route, office_system_id, count(*), max(last_error), min(created_at),
            max(created_at)
        FROM delivery WHERE state = 'failed'
        GROUP BY coalesce(failure, 'unknown'), route, office_system_id
        ORDER BY count(*) DESC, 1, 2, 3
        """;

    public async Task<IReadOnlyList<DeadLetterGroup>> GroupAsync(
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Group);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var groups = new List<DeadLetterGroup>();
        while (await reader.ReadAsync(cancellationToken))
        {
            groups.Add(
                new DeadLetterGroup(
                    reader.GetString(0),
                    reader.GetString(1),
                    reader.OrNull<string>(2),
                    reader.GetInt64(3),
                    reader.OrNull<string>(4),
                    reader.GetFieldValue<DateTimeOffset>(5),
                    reader.GetFieldValue<DateTimeOffset>(6)
                )
            );
        }
        return groups;
    }
}
