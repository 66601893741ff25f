using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Intake.Uploads;

/// <summary>The rows of resumable uploads. Every query on behalf of a sender carries the office system.</summary>
public sealed class UploadStore(
    NpgsqlDataSource database,
    IOptions<IntakeOptions> options,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    private const string Columns =
        "id, office_system_id, length, received, expires_at, state, answer::text";

    private const string Create = """
        WITH used AS (
            SELECT count(*) AS uploads, coalesce(sum(length), 0)::bigint AS bytes
            FROM upload WHERE office_system_id = $2 AND state = 'open'
        ),
        made AS (
            INSERT INTO upload (id, office_system_id, length, created_at, expires_at)
            SELECT $1, $2, $3, $4, $5 FROM used WHERE uploads < $6 AND bytes + $3 <= $7
            RETURNING id
        )
        SELECT uploads, bytes, EXISTS (SELECT 1 FROM made) FROM used
        """;

    /// <summary>Null when the office system has as much open as it may; then how much that is.</summary>
    public async Task<(Upload? Upload, long OpenUploads, long OpenBytes)> CreateAsync(
        string officeSystemId,
        long length,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        var upload = new Upload(
            ids.Next(),
            officeSystemId,
            length,
            0,
            now + options.Value.UploadLifetime,
            Upload.Open,
            null
        );
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Keeps two creations of one office system from both finding room for the last one. A statement of its own:
        // a statement sees what was committed before it began.
        await using (
            var alone = new NpgsqlCommand(
                "SELECT pg_advisory_xact_lock(hashtextextended('upload ' || $1, 0))",
                connection
            )
        )
        {
            alone.Parameters.Add(new() { Value = officeSystemId });
            await alone.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var command = new NpgsqlCommand(Create, connection);
        command.Parameters.Add(new() { Value = upload.Id });
        command.Parameters.Add(new() { Value = officeSystemId });
        command.Parameters.Add(new() { Value = length });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = upload.ExpiresAt });
        command.Parameters.Add(new() { Value = options.Value.OpenUploads });
        command.Parameters.Add(new() { Value = options.Value.OpenUploadBytes });
        long uploads;
        long bytes;
        bool isMade;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            (uploads, bytes, isMade) = (
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetBoolean(2)
            );
        }
        await transaction.CommitAsync(cancellationToken);
        return (isMade ? upload : null, uploads, bytes);
    }

    public async Task<Upload?> FindAsync(
        string officeSystemId,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            $"SELECT {Columns} FROM upload WHERE id = $1 AND office_system_id = $2 AND expires_at > $3"
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = officeSystemId });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>As it stands now, whoever's it is and however old: for who looks after all of them, not for a sender.</summary>
    public async Task<Upload?> ReadAgainAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"SELECT {Columns} FROM upload WHERE id = $1"
        );
        command.Parameters.Add(new() { Value = id });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>So many bytes are synced. Each piece that arrives gives the upload its whole life again.</summary>
    public async Task RecordReceivedAsync(
        Guid id,
        long received,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "UPDATE upload SET received = $2, expires_at = $3 WHERE id = $1 AND state = 'open'"
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = received });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() + options.Value.UploadLifetime });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The answer stays to be read for the rest of the upload's life.</summary>
    public async Task RecordAnswerAsync(
        Guid id,
        string state,
        string answerJson,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "UPDATE upload SET state = $2, answer = $3, expires_at = $4 WHERE id = $1 AND state = 'open'"
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = state });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Json, Value = answerJson });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() + options.Value.UploadLifetime });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<bool> DeleteAsync(
        string officeSystemId,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "DELETE FROM upload WHERE id = $1 AND office_system_id = $2"
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = officeSystemId });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>How many <see cref="CompleteAsync"/> gives at once.</summary>
    public const int PageSize = 100;

    /// <summary>All there, and not submitted: the hub died in between. A page in the order of the ids.</summary>
    /// <param name="after">The last one of the page before; empty for the first page.</param>
    public async Task<IReadOnlyList<Upload>> CompleteAsync(
        Guid after,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT {Columns} FROM upload
            WHERE state = 'open' AND received = length AND id > $1 ORDER BY id LIMIT {PageSize}
            """
        );
        command.Parameters.Add(new() { Value = after });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Which of these have a row.</summary>
    public async Task<IReadOnlySet<Guid>> KnownAsync(
        Guid[] ids,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "SELECT id FROM upload WHERE id = ANY($1)"
        );
        command.Parameters.Add(new() { Value = ids });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetGuid(0));
        }
        return known;
    }

    /// <summary>Forgets what has come to its end; returns the ids, whose files may go.</summary>
    public async Task<IReadOnlyList<Guid>> ForgetExpiredAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "DELETE FROM upload WHERE expires_at <= $1 RETURNING id"
        );
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var forgotten = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            forgotten.Add(reader.GetGuid(0));
        }
        return forgotten;
    }

    private static async Task<IReadOnlyList<Upload>> ReadAsync(
        NpgsqlCommand command,
        CancellationToken cancellationToken
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<Upload>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(
                new Upload(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetInt64(2),
                    reader.GetInt64(3),
                    reader.GetFieldValue<DateTimeOffset>(4),
                    reader.GetString(5),
                    reader.OrNull<string>(6)
                )
            );
        }
        return found;
    }
}
