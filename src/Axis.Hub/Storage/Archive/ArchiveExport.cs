using System.Text.Json;
using Axis.Hub.Errors;
using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>Writes a month as an archive: from one snapshot of the database, complete and synced, or not at all.</summary>
public sealed class ArchiveExport(
    NpgsqlDataSource database,
    PayloadStore payloads,
    TimeProvider clock
)
{
    private const string Contents = """
        SELECT id, sha256 FROM package WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2)
        UNION ALL
        SELECT id, sha256 FROM status_report WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2)
        """;

    /// <summary>The folder of the archive. One that is there already is replaced: the month may have changed since.</summary>
    /// <exception cref="PayloadUnusableException">A package of the month cannot be read; nothing is written then.</exception>
    public async Task<string> ExportAsync(
        ArchiveMonth month,
        string into,
        CancellationToken cancellationToken
    )
    {
        var final = Path.Combine(into, month.ToString());
        var draft = $"{final}.{Guid.CreateVersion7():n}.new";
        Directory.CreateDirectory(draft);
        try
        {
            await WriteAsync(month, draft, cancellationToken);
            if (Directory.Exists(final))
            {
                Directory.Move(final, $"{draft}.old");
            }
            Directory.Move(draft, final);
            FolderSync.Flush(into);
            if (Directory.Exists($"{draft}.old"))
            {
                Directory.Delete($"{draft}.old", recursive: true);
            }
            return final;
        }
        catch
        {
            Directory.Delete(draft, recursive: true);
            throw;
        }
    }

    private async Task WriteAsync(
        ArchiveMonth month,
        string folder,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead,
            cancellationToken
        );
        var tables = new List<ArchivedTable>();
        foreach (var table in ArchiveFormat.Tables)
        {
            var file = ArchiveFormat.FileOf(table);
            var rows = await WriteTableAsync(
                connection,
                table,
                month,
                Path.Combine(folder, file),
                cancellationToken
            );
            tables.Add(new ArchivedTable(table, file, rows));
        }
        var contents = await ContentsAsync(connection, month, cancellationToken);
        var files = 0L;
        foreach (var (id, sha256) in contents)
        {
            files += await WritePayloadAsync(folder, id, sha256, cancellationToken) ? 1 : 0;
        }
        var manifest = new ArchiveManifest(
            ArchiveFormat.Name,
            month.ToString(),
            clock.GetUtcNow(),
            (int)
                (
                    await ScalarAsync(
                        connection,
                        "SELECT max(number) FROM schema_migration",
                        null,
                        cancellationToken
                    )
                )!,
            tables,
            files,
            await ScalarAsync(
                connection,
                "SELECT max(changed_at) FROM delivery WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2)",
                month,
                cancellationToken
            )
                is DateTime last
                ? new DateTimeOffset(last)
                : null
        );
        await WriteSyncedAsync(
            Path.Combine(folder, ArchiveFormat.Manifest),
            stream => JsonSerializer.SerializeAsync(stream, manifest, Indented, cancellationToken)
        );
        await WriteSumsAsync(folder, cancellationToken);
    }

    private static async Task<long> WriteTableAsync(
        NpgsqlConnection connection,
        string table,
        ArchiveMonth month,
        string path,
        CancellationToken cancellationToken
    )
    {
        var rows = 0L;
        await using var command = new NpgsqlCommand(
            $"""
            SELECT row_to_json(t)::text FROM {table} t
            WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2) ORDER BY id
            """,
            connection
        );
        Bind(command, month);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await WriteSyncedAsync(
            path,
            async stream =>
            {
                await using var lines = new StreamWriter(stream, leaveOpen: true);
                while (await reader.ReadAsync(cancellationToken))
                {
                    // JSON that was stored with line breaks keeps none: they are no part of its meaning.
                    await lines.WriteAsync(
                        reader.GetString(0).Replace('\n', ' ').Replace('\r', ' ')
                    );
                    await lines.WriteAsync('\n');
                    rows++;
                }
            }
        );
        return rows;
    }

    private static async Task<IReadOnlyList<(Guid Id, byte[] Sha256)>> ContentsAsync(
        NpgsqlConnection connection,
        ArchiveMonth month,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Contents, connection);
        Bind(command, month);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var contents = new List<(Guid, byte[])>();
        while (await reader.ReadAsync(cancellationToken))
        {
            contents.Add((reader.GetGuid(0), reader.GetFieldValue<byte[]>(1)));
        }
        return contents;
    }

    /// <summary>False when the same bytes are there already.</summary>
    private async Task<bool> WritePayloadAsync(
        string folder,
        Guid id,
        byte[] sha256,
        CancellationToken cancellationToken
    )
    {
        var path = Path.Combine(
            folder,
            ArchiveFormat.PayloadPath(Convert.ToHexStringLower(sha256))
        );
        if (File.Exists(path))
        {
            return false;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var content =
            await payloads.OpenAsync(id, sha256, cancellationToken)
            ?? throw PayloadUnusableException.Missing();
        await WriteSyncedAsync(path, stream => content.CopyToAsync(stream, cancellationToken));
        return true;
    }

    private static async Task WriteSumsAsync(string folder, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        foreach (var file in ArchiveFormat.FilesIn(folder))
        {
            lines.Add(
                $"{await ArchiveFormat.HashAsync(Path.Combine(folder, file), cancellationToken)}  {file}\n"
            );
        }
        await WriteSyncedAsync(
            Path.Combine(folder, ArchiveFormat.Sums),
            stream =>
                stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines))).AsTask()
        );
        FolderSync.Flush(folder);
    }

    private static async Task WriteSyncedAsync(string path, Func<Stream, Task> write)
    {
        await using var file = new FileStream(
            path,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None
        );
        await write(file);
        file.Flush(flushToDisk: true);
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection,
        string sql,
        ArchiveMonth? month,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        if (month is { } bounds)
        {
            Bind(command, bounds);
        }
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static void Bind(NpgsqlCommand command, ArchiveMonth month)
    {
        command.Parameters.Add(new() { Value = month.Start });
        command.Parameters.Add(new() { Value = month.End });
    }

    private static readonly JsonSerializerOptions Indented = new(HubJson.Options)
    {
        WriteIndented = true,
    };
}
