using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// Puts an archived month back, after the archive was checked. What is there already stays as it is, so an import that
/// broke off is simply run again. The month stays until it is released (<see cref="ArchivedMonths"/>).
/// </summary>
public sealed class ArchiveImport(
    NpgsqlDataSource database,
    PayloadStore payloads,
    ArchivedMonths months,
    TimeProvider clock
)
{
    private const int BatchRows = 200;
    private const int TriesForLock = 60;

    /// <summary>Rows that were not there before, by table.</summary>
    /// <exception cref="ArchiveException">
    /// The archive is not whole; or other work on archives is under way, or the exchange too busy.
    /// </exception>
    public async Task<IReadOnlyDictionary<string, long>> ImportAsync(
        string folder,
        CancellationToken cancellationToken
    )
    {
        // What is read here must not be replaced meanwhile, nor the month be dropped again.
        await using var alone =
            await SingleRunner.TryTakeAsync(database, SingleRunner.Retention, cancellationToken)
            ?? throw ArchiveException.Busy();
        var (manifest, problems) = await ArchiveCheck.CheckAsync(folder, cancellationToken);
        if (manifest is null || problems.Count > 0)
        {
            throw new ArchiveException(string.Join('\n', problems));
        }
        if (!ArchiveMonth.TryParse(manifest.Month, out var month))
        {
            throw new ArchiveException($"{manifest.Month} is no month");
        }
        // First of all: an import that breaks off leaves part of a month, and that must not leave as the month.
        await months.HoldAsync(
            await ArchivedMonths.EntryAsync(month, manifest.MadeAt, folder, cancellationToken),
            cancellationToken
        );
        await MakePartitionsAsync(month, cancellationToken);
        var added = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in ArchiveFormat.Tables)
        {
            added[table] = 0;
            var lines = File.ReadLinesAsync(
                Path.Combine(folder, ArchiveFormat.FileOf(table)),
                cancellationToken
            );
            var batch = new List<string>(BatchRows);
            await foreach (var line in lines)
            {
                batch.Add(line);
                if (batch.Count == BatchRows)
                {
                    added[table] += await AddAsync(folder, table, batch, cancellationToken);
                    batch.Clear();
                }
            }
            added[table] += await AddAsync(folder, table, batch, cancellationToken);
        }
        return added;
    }

    private async Task MakePartitionsAsync(ArchiveMonth month, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        for (var tries = 1; ; tries++)
        {
            var present = await Partitions.PresentAsync(
                connection,
                month.Suffix,
                cancellationToken
            );
            try
            {
                foreach (var parent in Partitions.Parents.Except(present))
                {
                    await Partitions.TakeInAsync(
                        connection,
                        parent,
                        month.Start,
                        cancellationToken
                    );
                }
                return;
            }
            catch (PostgresException busy) when (MonthDrop.IsBusy(busy))
            {
                if (tries == TriesForLock)
                {
                    throw new ArchiveException(
                        $"{month} needs its tables for a moment, and they were in use each time; try again later"
                    );
                }
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    private async Task<long> AddAsync(
        string folder,
        string table,
        List<string> batch,
        CancellationToken cancellationToken
    )
    {
        if (batch.Count == 0)
        {
            return 0;
        }
        // The content before the row that relies on it.
        if (table is "package" or "status_report")
        {
            foreach (var line in batch)
            {
                await AddContentAsync(folder, line, cancellationToken);
            }
        }
        await using var command = database.CreateCommand(
            $"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1) ON CONFLICT DO NOTHING"
        );
        command.Parameters.Add(
            new() { NpgsqlDbType = NpgsqlDbType.Json, Value = $"[{string.Join(',', batch)}]" }
        );
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task AddContentAsync(
        string folder,
        string line,
        CancellationToken cancellationToken
    )
    {
        var (id, sha256) = ArchiveCheck.ContentOf(line);
        var path = Path.Combine(folder, ArchiveFormat.PayloadPath(sha256));
        byte[]? inline = null;
        if (new FileInfo(path).Length <= payloads.InlineLimitBytes)
        {
            inline = payloads.Seal(await File.ReadAllBytesAsync(path, cancellationToken));
        }
        else
        {
            await using var upload = payloads.CreateUpload();
            await using var file = File.OpenRead(path);
            var buffer = new byte[128 * 1024];
            int read;
            while ((read = await file.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await upload.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
            await payloads.KeepAsync(upload, Convert.FromHexString(sha256), cancellationToken);
        }
        await using var command = database.CreateCommand(
            "INSERT INTO payload (package_id, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(
            new() { NpgsqlDbType = NpgsqlDbType.Bytea, Value = inline ?? (object)DBNull.Value }
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
