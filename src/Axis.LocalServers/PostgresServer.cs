using Axis.LocalServers.Processes;
using Npgsql;

namespace Axis.LocalServers;

/// <summary>One private PostgreSQL.</summary>
internal sealed class PostgresServer(
    string programs,
    string serverFolder,
    ServerState state,
    bool durable,
    IReadOnlyDictionary<string, string>? environment = null,
    StandbySource? standbyOf = null
)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private readonly string _folder = Path.Combine(serverFolder, "postgres");
    private readonly string? _account = Accounts.For("postgres");

    private string Cluster => Path.Combine(_folder, "data");
    public string LogFile => Path.Combine(_folder, "postgres.log");

    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = state.PostgresPort,
            Username = "postgres",
            Password = state.PostgresPassword,
            Database = database,
        }.ConnectionString;

    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await Accounts.MakeFolderAsync(_folder, _account, cancellation);
        if (File.Exists(Path.Combine(Cluster, "postgresql.conf")))
        {
            return;
        }

        if (standbyOf is not null)
        {
            await CopyAsync(standbyOf, cancellation);
            return;
        }

        var password = Path.Combine(_folder, "password");
        await Accounts.WriteFileAsync(password, state.PostgresPassword, _account, cancellation);
        // Made aside and moved into place, so that an interrupted start leaves no half of a cluster.
        var staging = $"{Cluster}.new";
        await ShortCommand.RunAsync(
            [.. Accounts.Prefix(_account), "rm", "-rf", staging],
            null,
            cancellation
        );
        await ShortCommand.RunAsync(
            [
                .. Accounts.Prefix(_account),
                Path.Combine(programs, "initdb"),
                $"--pgdata={staging}",
                "--username=postgres",
                "--auth=scram-sha-256",
                $"--pwfile={password}",
                "--encoding=UTF8",
                "--no-locale",
                .. (string[])(durable ? [] : ["--no-sync"]),
            ],
            null,
            cancellation
        );
        Directory.Move(staging, Cluster);
        File.Delete(password);
    }

    /// <summary>Throws the data away.</summary>
    public Task ForgetAsync(CancellationToken cancellation) =>
        ShortCommand.RunAsync(
            [.. Accounts.Prefix(_account), "rm", "-rf", Cluster],
            null,
            cancellation
        );

    /// <summary>Copies the primary, with all that is needed to follow it.</summary>
    private async Task CopyAsync(StandbySource primary, CancellationToken cancellation)
    {
        var staging = $"{Cluster}.new";
        await ShortCommand.RunAsync(
            [.. Accounts.Prefix(_account), "rm", "-rf", staging],
            null,
            cancellation
        );
        await ShortCommand.RunAsync(
            [
                .. Accounts.Prefix(_account),
                Path.Combine(programs, "pg_basebackup"),
                "--pgdata",
                staging,
                "--dbname",
                $"host=127.0.0.1 port={primary.Port} user=postgres application_name={StandbySource.ApplicationName}",
                "--write-recovery-conf",
                "--wal-method=stream",
                "--checkpoint=fast",
                .. (string[])(durable ? [] : ["--no-sync"]),
            ],
            new Dictionary<string, string>
            {
                ["PGPASSWORD"] = primary.Password,
                ["HOME"] = _folder,
                ["LC_ALL"] = "C",
            },
            cancellation
        );
        Directory.Move(staging, Cluster);
    }

    public SupervisedProcess Start(bool detached)
    {
        var onOff = durable ? "on" : "off";
        return SupervisedProcess.Start(
            new ServerCommand(
                _account,
                // Fast shutdown: roll back what is open and leave.
                "INT",
                LogFile,
                detached,
                [
                    Path.Combine(programs, "postgres"),
                    "-D",
                    Cluster,
                    .. Setting("port", $"{state.PostgresPort}"),
                    .. Setting("listen_addresses", "127.0.0.1"),
                    .. Setting("unix_socket_directories", ""),
                    .. Setting("max_connections", "200"),
                    .. Setting("shared_buffers", "256MB"),
                    .. Setting("max_wal_size", "2GB"),
                    // A standby that was away for a while finds what it missed.
                    .. Setting("wal_keep_size", "256MB"),
                    .. Setting("fsync", onOff),
                    .. Setting("full_page_writes", onOff),
                    .. Setting("synchronous_commit", onOff),
                ],
                new Dictionary<string, string>(environment ?? new Dictionary<string, string>())
                {
                    ["HOME"] = _folder,
                    ["LC_ALL"] = "C",
                }
            )
        );
    }

    public async Task WaitUntilReadyAsync(
        ProcessIdentity supervisor,
        CancellationToken cancellation
    )
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await using var source = NpgsqlDataSource.Create(
                    ConnectionString("postgres") + ";Pooling=false"
                );
                await using var connection = await source.OpenConnectionAsync(cancellation);
                return;
            }
            catch (NpgsqlException)
                when (supervisor.IsAlive && TimeProvider.System.GetElapsedTime(start) < StartLimit)
            {
                await Task.Delay(50, cancellation);
            }
            catch (NpgsqlException e)
            {
                throw new PrivateServersException(
                    $"PostgreSQL did not start: {e.Message} Its log: {LogFile}.",
                    e
                );
            }
        }
    }

    public Task<string> EnsureDatabaseAsync(string name, CancellationToken cancellation) =>
        Databases.EnsureAsync(ConnectionString("postgres"), name, cancellation);

    private static string[] Setting(string name, string value) => ["-c", $"{name}={value}"];
}
