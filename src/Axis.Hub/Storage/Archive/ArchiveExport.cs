using System.Text.Json;
using Axis.Hub.Errors;
using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>Writes a month as an archive: from one snapshot of the database, complete and synced, or not at all.</summary>
/// <remarks>
/// Only the rows are read in the transaction of the snapshot. The packages never change, and are written after it: a
/// transaction that stays open for the hours they may take would keep all tables from being vacuumed.
/// </remarks>
public sealed class ArchiveExport(
    NpgsqlDataSource database,
    PayloadStore payloads,
    TimeProvider clock
)
{
    private const string Draft = ".draft";
    private const string Replaced = ".replaced";

    /// <summary>
    /// The folder of the archive. One that is there already is replaced if the new one has all that it has: the month may
    /// have changed since. One exporter of a month at a time (<see cref="SingleRunner.Retention"/>).
    /// </summary>
    /// <exception cref="PayloadUnusableException">A package of the month cannot be read; nothing is written then.</exception>
    /// <exception cref="ArchiveException">The archive that is there has what the database has not; it stays.</exception>
    public async Task<string> ExportAsync(
        ArchiveMonth month,
        string into,
        CancellationToken cancellationToken
    )
    {
        var final = Path.Combine(into, month.ToString());
        Directory.CreateDirectory(into);
        ClearLeftovers(into, month, final);
        var draft = Path.Combine(into, $".{month}.{Guid.CreateVersion7():n}{Draft}");
        var replaced = Path.ChangeExtension(draft, Replaced);
        Directory.CreateDirectory(draft);
        try
        {
            await WriteAsync(month, draft, cancellationToken);
            if (Directory.Exists(final))
            {
                await ArchiveSuccession.CheckAsync(final, draft, cancellationToken);
                Directory.Move(final, replaced);
            }
            Directory.Move(draft, final);
        }
        catch
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }
            ClearLeftovers(into, month, final);
            throw;
        }
        FolderSync.Flush(into);
        if (Directory.Exists(replaced))
        {
            Directory.Delete(replaced, recursive: true);
        }
        return final;
    }

    /// <summary>What an export left that died: a draft goes; an archive that was set aside takes its place again.</summary>
    private static void ClearLeftovers(string into, ArchiveMonth month, string final)
    {
        foreach (var aside in Directory.GetDirectories(into, $".{month}.*{Replaced}"))
        {
            if (Directory.Exists(final))
            {
                Directory.Delete(aside, recursive: true);
            }
            else
            {
                Directory.Move(aside, final);
            }
        }
        foreach (var draft in Directory.GetDirectories(into, $".{month}.*{Draft}"))
        {
            Directory.Delete(draft, recursive: true);
        }
    }

    private async Task WriteAsync(
        ArchiveMonth month,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var rows = await WriteRowsAsync(month, folder, cancellationToken);
        var files = 0L;
        foreach (var table in (string[])["package", "status_report"])
        {
            await foreach (
                var line in File.ReadLinesAsync(
                    Path.Combine(folder, ArchiveFormat.FileOf(table)),
                    cancellationToken
                )
            )
            {
                files += await WritePayloadAsync(folder, line, cancellationToken) ? 1 : 0;
            }
        }
        var manifest = new ArchiveManifest(
            ArchiveFormat.Name,
            month.ToString(),
            clock.GetUtcNow(),
            rows.Schema,
            rows.Tables,
            files,
            rows.LastChangeAt
        );
        await WriteSyncedAsync(
            Path.Combine(folder, ArchiveFormat.Manifest),
            stream => JsonSerializer.SerializeAsync(stream, manifest, Indented, cancellationToken)
        );
        await WriteSumsAsync(folder, cancellationToken);
        foreach (
            var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories)
        )
        {
            FolderSync.Flush(inner);
        }
        FolderSync.Flush(folder);
    }

    private async Task<(
        IReadOnlyList<ArchivedTable> Tables,
        int Schema,
        DateTimeOffset? LastChangeAt
    )> WriteRowsAsync(ArchiveMonth month, string folder, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await PatientSession.BeginAsync(connection, cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead,
            cancellationToken
        );
        // Between two tables a large file is synced, and the session must live through that.
        await ScalarAsync(
            connection,
            "SET LOCAL idle_in_transaction_session_timeout = 0",
            null,
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
        var schema = (int)
            (
                await ScalarAsync(
                    connection,
                    "SELECT max(number) FROM schema_migration",
                    null,
                    cancellationToken
                )
            )!;
        var last = await ScalarAsync(
            connection,
            "SELECT max(changed_at) FROM delivery WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2)",
            month,
            cancellationToken
        );
        return (tables, schema, last is DateTime at ? new DateTimeOffset(at) : null);
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
        await using var command = connection.Patient(
            $"""
            SELECT row_to_json(t)::text FROM {table} t
            WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2) ORDER BY id
            """
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

    /// <summary>False when the same bytes are there already.</summary>
    private async Task<bool> WritePayloadAsync(
        string folder,
        string line,
        CancellationToken cancellationToken
    )
    {
        var (id, sha256) = ArchiveCheck.ContentOf(line);
        var path = Path.Combine(folder, ArchiveFormat.PayloadPath(sha256));
        if (File.Exists(path))
        {
            return false;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var content =
            await payloads.OpenAsync(id, Convert.FromHexString(sha256), cancellationToken)
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
        await using var command = connection.Patient(sql);
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
