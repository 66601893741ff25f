using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>What the database remembers of an archive.</summary>
/// <param name="Seal">The SHA-256 of its <c>SHA256SUMS</c>.</param>
internal sealed record ArchivedMonth(
    ArchiveMonth Month,
    DateTimeOffset At,
    string Folder,
    byte[] Seal
);

/// <summary>
/// The months that have left. One that is in the database all the same was imported, and stays there until it is
/// released: whoever brings a month back wants to work with it.
/// </summary>
public sealed class ArchivedMonths(NpgsqlDataSource database)
{
    private const string Leaving = """
        SELECT DISTINCT right(c.relname, 7)
        FROM unnest($1) AS parent
            JOIN pg_inherits i ON i.inhparent = parent::regclass
            JOIN pg_class c ON c.oid = i.inhrelid
        WHERE c.relname ~ ('^' || parent || '_\d{4}_\d{2}$')
            AND NOT EXISTS (
                SELECT FROM archived_month m
                WHERE to_char(m.month, 'YYYY_MM') = right(c.relname, 7) AND NOT m.released)
        ORDER BY 1
        """;

    /// <summary>Months that are in the database and may leave it, oldest first.</summary>
    public async Task<IReadOnlyList<ArchiveMonth>> LeavingAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Leaving);
        command.Parameters.Add(new() { Value = Partitions.Parents.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var months = new List<ArchiveMonth>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (ArchiveMonth.TryParse(reader.GetString(0).Replace('_', '-'), out var month))
            {
                months.Add(month);
            }
        }
        return months;
    }

    /// <summary>Lets an imported month leave again at the next look.</summary>
    /// <exception cref="ArchiveException">The month was never archived.</exception>
    public async Task ReleaseAsync(ArchiveMonth month, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"UPDATE archived_month SET released = true WHERE month = '{month.FirstDay}'"
        );
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            throw new ArchiveException($"{month} never left, and needs no release");
        }
    }

    internal static async Task<ArchivedMonth> EntryAsync(
        ArchiveMonth month,
        DateTimeOffset at,
        string folder,
        CancellationToken cancellationToken
    ) =>
        new(
            month,
            at,
            folder,
            Convert.FromHexString(
                await ArchiveFormat.HashAsync(
                    Path.Combine(folder, ArchiveFormat.Sums),
                    cancellationToken
                )
            )
        );

    /// <summary>The month has left: with the transaction of the connection.</summary>
    internal static Task WriteAsync(
        NpgsqlConnection connection,
        ArchivedMonth entry,
        CancellationToken cancellationToken
    ) =>
        NoteAsync(
            connection,
            entry,
            "archived_at = $2, folder = $3, sha256 = $4, released = false",
            cancellationToken
        );

    /// <summary>The month comes back, and stays. The archive it left to remains the one that is remembered.</summary>
    internal async Task HoldAsync(ArchivedMonth entry, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await NoteAsync(connection, entry, "released = false", cancellationToken);
    }

    private static async Task NoteAsync(
        NpgsqlConnection connection,
        ArchivedMonth entry,
        string otherwise,
        CancellationToken cancellationToken
    )
    {
        await using var note = connection.Patient(
            $"""
            INSERT INTO archived_month (month, archived_at, folder, sha256) VALUES ($1, $2, $3, $4)
            ON CONFLICT (month) DO UPDATE SET {otherwise}
            """
        );
        note.Parameters.Add(new() { Value = DateOnly.FromDateTime(entry.Month.Start.UtcDateTime) });
        note.Parameters.Add(new() { Value = entry.At.ToUniversalTime() });
        note.Parameters.Add(new() { Value = entry.Folder });
        note.Parameters.Add(new() { Value = entry.Seal });
        await note.ExecuteNonQueryAsync(cancellationToken);
    }
}
