using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Operations.Doctor;

/// <summary>The settings of PostgreSQL that a receipt relies on, as the hub's own sessions have them.</summary>
public sealed class DatabaseExamination(NpgsqlDataSource database, IOptions<StorageOptions> storage)
    : IExamination
{
    private const int OldestVersion = 150000;

    private const string Look = """
        SELECT current_setting('server_version_num')::int, current_setting('server_version'),
            current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
            current_setting('synchronous_standby_names'), pg_is_in_recovery(), current_setting('data_checksums'),
            current_setting('archive_mode'),
            (SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')),
            (SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'),
            (SELECT coalesce(array_agg(application_name), '{}') FROM pg_stat_replication WHERE state = 'streaming')
        """;

    public const string SubjectName = "postgresql";

    public string Subject => SubjectName;

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var seen = await LookAsync(cancellationToken);
        return
        [
            .. Durability(seen),
            .. Standby(seen),
            .. Servers(await TryServersAsync(cancellationToken)),
            Version(seen),
            Checksums(seen),
            Archive(seen),
        ];
    }

    /// <summary>What a hub must not start with: a receipt would promise what the database does not keep.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineDurabilityAsync(
        CancellationToken cancellationToken
    ) => [.. Durability(await LookAsync(cancellationToken))];

    private async Task<Seen> LookAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Look);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Seen(
            reader.GetInt32(0),
            reader.GetString(1),
            reader.GetString(2),
            reader.GetString(3),
            reader.GetString(4),
            reader.GetString(5),
            reader.GetBoolean(6),
            reader.GetString(7),
            reader.GetString(8),
            reader.GetInt64(9),
            reader.GetInt64(10),
            reader.GetFieldValue<string[]>(11)
        );
    }

    private static IEnumerable<Finding> Durability(Seen seen)
    {
        yield return seen.Fsync == "on"
            ? Finding.Ok("postgresql.fsync", "on")
            : Finding.Unsafe(
                "postgresql.fsync",
                $"{seen.Fsync}: a power cut loses letters that were receipted, or the whole database",
                "Set fsync = on in postgresql.conf and reload."
            );
        yield return seen.FullPageWrites == "on"
            ? Finding.Ok("postgresql.full_page_writes", "on")
            : Finding.Unsafe(
                "postgresql.full_page_writes",
                $"{seen.FullPageWrites}: a power cut in the middle of a write leaves torn pages",
                "Set full_page_writes = on and reload, unless the file system writes whole pages for certain."
            );
        yield return seen.SynchronousCommit switch
        {
            "off" => Finding.Unsafe(
                "postgresql.synchronous_commit",
                "off: the last moments before a crash are lost although they were receipted",
                "Set synchronous_commit = on, for the server, the database and the hub's role."
            ),
            "local" when seen.StandbyNames.Length > 0 => Finding.Unsafe(
                "postgresql.synchronous_commit",
                "local: the synchronous standby is not waited for",
                "Set synchronous_commit = on."
            ),
            var waits => Finding.Ok("postgresql.synchronous_commit", waits),
        };
        yield return seen.IsStandby
            ? Finding.Unsafe(
                "postgresql.primary",
                "the hub is connected to a standby, which takes no writes",
                "Name all servers in the connection string and add Target Session Attributes=primary."
            )
            : Finding.Ok("postgresql.primary", "writes are taken");
    }

    private static IEnumerable<Finding> Standby(Seen seen)
    {
        yield return (seen.StandbyNames.Length > 0, seen.SynchronousStandbys, seen.Standbys) switch
        {
            (true, 0, _) => Finding.Unsafe(
                "postgresql.standby",
                $"synchronous_standby_names = {seen.StandbyNames}, and {NamesAway(seen)} is connected: every commit waits",
                "Start the standby; or take its name out, knowing that a lost disk loses letters then."
            ),
            (true, _, _) => Finding.Ok(
                "postgresql.standby",
                $"{seen.SynchronousStandbys} synchronous"
            ),
            (false, _, 0) => Finding.Warning(
                "postgresql.standby",
                "none: if the disk is lost, so are letters since the last archived WAL",
                "Add a synchronous standby (deploy/hosts, deploy/kubernetes)."
            ),
            _ => Finding.Warning(
                "postgresql.standby",
                $"{seen.Standbys}, none of them synchronous: what is not there yet is lost with the primary",
                "Name it in synchronous_standby_names."
            ),
        };
    }

    private static string NamesAway(Seen seen) =>
        StandbyNames.Missing(seen.StandbyNames, seen.Streaming) is { Count: > 0 } missing
            ? $"no {string.Join(", no ", missing)}"
            : "no such standby";

    /// <summary>Each server of the connection string by itself, so that one that is away has a name.</summary>
    public static IEnumerable<Finding> Servers(
        IReadOnlyCollection<(string Server, string? Failure)> servers
    )
    {
        const string EachServer = "postgresql.servers";
        foreach (var (server, failure) in servers.Where(one => one.Failure is not null))
        {
            yield return Finding.Unsafe(
                EachServer,
                $"{server} does not answer: {failure}",
                "Start it; a standby that was away too long is made anew from the primary (pg_basebackup)."
            );
        }
        if (servers.Count > 1 && servers.All(one => one.Failure is null))
        {
            yield return Finding.Ok(EachServer, $"{servers.Count} answer");
        }
    }

    private async Task<IReadOnlyCollection<(string Server, string? Failure)>> TryServersAsync(
        CancellationToken cancellationToken
    )
    {
        var all = new NpgsqlConnectionStringBuilder(storage.Value.ConnectionString);
        var hosts = (all.Host ?? "").Split(',', StringSplitOptions.TrimEntries);
        if (hosts.Length < 2)
        {
            return [];
        }
        return await Task.WhenAll(
            hosts.Select(async host =>
            {
                try
                {
                    await using var connection = new NpgsqlConnection(
                        new NpgsqlConnectionStringBuilder(all.ConnectionString)
                        {
                            Host = host,
                            TargetSessionAttributes = "any",
                            Pooling = false,
                        }.ConnectionString
                    );
                    await connection.OpenAsync(cancellationToken);
                    return (host, (string?)null);
                }
                catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
                {
                    return (host, failure.GetBaseException().Message);
                }
            })
        );
    }

    private static Finding Version(Seen seen) =>
        seen.VersionNumber >= OldestVersion
            ? Finding.Ok("postgresql.version", seen.Version)
            : Finding.Warning(
                "postgresql.version",
                $"{seen.Version}: the hub is tested with 15 and later",
                "Upgrade PostgreSQL."
            );

    private static Finding Checksums(Seen seen) =>
        seen.Checksums == "on"
            ? Finding.Ok("postgresql.data_checksums", "on")
            : Finding.Warning(
                "postgresql.data_checksums",
                "off: a disk that returns wrong bytes is not noticed",
                "Stop PostgreSQL and run pg_checksums --enable."
            );

    private static Finding Archive(Seen seen) =>
        seen.ArchiveMode is "on" or "always"
            ? Finding.Ok("postgresql.archive_mode", seen.ArchiveMode)
            : Finding.Warning(
                "postgresql.archive_mode",
                "off: there is no backup up to the last minute, unless a receiver streams the WAL",
                "Set up continuous archiving (docs/operations.md, Backup)."
            );

    private sealed record Seen(
        int VersionNumber,
        string Version,
        string Fsync,
        string FullPageWrites,
        string SynchronousCommit,
        string StandbyNames,
        bool IsStandby,
        string Checksums,
        string ArchiveMode,
        long SynchronousStandbys,
        long Standbys,
        IReadOnlyCollection<string> Streaming
    );
}
