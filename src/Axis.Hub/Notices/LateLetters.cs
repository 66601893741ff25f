using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Notices;

/// <summary>
/// Letters that came to their agency later than their ids say, brought late or handed over. Whoever writes one down does
/// so in the transaction that brings it; each has its turn as an arrival, and then as what nobody takes.
/// </summary>
internal static class LateLetters
{
    // A hand-over may hold a row: it is to be looked at again then anyway.
    private const string Take = """
        UPDATE late_letter SET next = $1 WHERE delivery_id IN (
            SELECT delivery_id FROM late_letter WHERE next = $2 AND since <= $3 ORDER BY since LIMIT $4
            FOR UPDATE SKIP LOCKED)
        RETURNING delivery_id
        """;

    private const string Forget = "DELETE FROM late_letter WHERE next IS NULL AND since < $1";

    /// <summary>Those that came until then and have not been looked at as arrivals.</summary>
    public static Task<Guid[]> ArrivedAsync(
        NpgsqlConnection connection,
        DateTimeOffset until,
        int limit,
        CancellationToken cancellationToken
    ) =>
        TakeAsync(
            connection,
            NoticeKinds.Arrival,
            NoticeKinds.Delay,
            until,
            limit,
            cancellationToken
        );

    /// <summary>Those that came until then and have not been looked at as delays.</summary>
    public static Task<Guid[]> UntakenAsync(
        NpgsqlConnection connection,
        DateTimeOffset until,
        int limit,
        CancellationToken cancellationToken
    ) => TakeAsync(connection, NoticeKinds.Delay, null, until, limit, cancellationToken);

    public static async Task ForgetAsync(
        NpgsqlConnection connection,
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Forget, connection);
        command.Parameters.Add(new() { Value = before });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<Guid[]> TakeAsync(
        NpgsqlConnection connection,
        string turn,
        string? next,
        DateTimeOffset until,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Take, connection);
        command.Parameters.Add(
            new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)next ?? DBNull.Value }
        );
        command.Parameters.Add(new() { Value = turn });
        command.Parameters.Add(new() { Value = until });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var taken = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            taken.Add(reader.GetGuid(0));
        }
        return [.. taken];
    }
}
