using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.National.Catalogue;

/// <summary>What the last reading of an axis' catalogue showed.</summary>
/// <param name="Waiting">Letters under way to agencies that it closes, or that are closed already.</param>
public sealed record CatalogueRun(
    DateTimeOffset RanAt,
    bool Applied,
    int Differences,
    int SetAside,
    int Closing,
    long Waiting,
    string? Failure
);

/// <summary>An agency that the catalogue closes, and what is still under way to it.</summary>
public sealed record ClosingAgency(
    string Code,
    string Name,
    long Waiting,
    DateTimeOffset? OldestAt
);

/// <summary>The last reading of each axis, and the letters that closures touch.</summary>
internal sealed class CatalogueRuns(NpgsqlDataSource database)
{
    // A partial index serves only a condition that the planner can see, so each state has its own statement.
    private const string UnderWay = """
        SELECT recipient_agency_id, count(*), min(created_at) FROM (
            SELECT recipient_agency_id, created_at FROM delivery WHERE state = 'waiting' AND recipient_agency_id = ANY($1)
            UNION ALL
            SELECT recipient_agency_id, created_at FROM delivery WHERE state = 'held' AND recipient_agency_id = ANY($1)
            UNION ALL
            SELECT recipient_agency_id, created_at FROM delivery WHERE state = 'failed' AND recipient_agency_id = ANY($1)
        ) AS open GROUP BY recipient_agency_id
        """;

    private const string Write = """
        INSERT INTO far_catalogue (axis, ran_at, applied, differences, set_aside, closing, waiting, failure)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (axis) DO UPDATE SET (ran_at, applied, differences, set_aside, closing, waiting, failure) =
            (excluded.ran_at, excluded.applied, excluded.differences, excluded.set_aside, excluded.closing,
                excluded.waiting, excluded.failure)
        """;

    private const string Read = """
        SELECT ran_at, applied, differences, set_aside, closing, waiting, failure FROM far_catalogue WHERE axis = $1
        """;

    public async Task<
        IReadOnlyDictionary<Guid, (long Count, DateTimeOffset OldestAt)>
    > UnderWayAsync(IReadOnlyCollection<Guid> agencies, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, (long, DateTimeOffset)>();
        if (agencies.Count == 0)
        {
            return found;
        }
        await using var command = database.CreateCommand(UnderWay);
        command.Parameters.Add(
            new NpgsqlParameter
            {
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid,
                Value = agencies.ToArray(),
            }
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found[reader.GetGuid(0)] = (
                reader.GetInt64(1),
                reader.GetFieldValue<DateTimeOffset>(2)
            );
        }
        return found;
    }

    public async Task WriteAsync(string axis, CatalogueRun run, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Write);
        foreach (
            var value in (object[])
                [
                    axis,
                    run.RanAt,
                    run.Applied,
                    run.Differences,
                    run.SetAside,
                    run.Closing,
                    run.Waiting,
                    (object?)run.Failure ?? DBNull.Value,
                ]
        )
        {
            command.Parameters.Add(new() { Value = value });
        }
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Null when it was never read.</summary>
    public async Task<CatalogueRun?> ReadAsync(string axis, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Read);
        command.Parameters.Add(new() { Value = axis });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new CatalogueRun(
                reader.GetFieldValue<DateTimeOffset>(0),
                reader.GetBoolean(1),
                reader.GetInt32(2),
                reader.GetInt32(3),
                reader.GetInt32(4),
                reader.GetInt64(5),
                await reader.IsDBNullAsync(6, cancellationToken) ? null : reader.GetString(6)
            )
            : null;
    }

    /// <summary>What of the last reading needs somebody; null when nothing does.</summary>
    public async Task<string?> ComplaintAsync(string axis, CancellationToken cancellationToken) =>
        await ReadAsync(axis, cancellationToken) switch
        {
            { Failure: { } failure } => $"the catalogue could not be read: {failure}",
            { Waiting: > 0 and var waiting } =>
                $"{waiting} letters are under way to agencies that the catalogue has closed",
            _ => null,
        };
}
