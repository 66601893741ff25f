using System.Security.Cryptography;
using Axis.LocalServers.Processes;
using Npgsql;

namespace Axis.LocalServers;

/// <summary>
/// The servers of the highly available topology on one machine: three RabbitMQ nodes in a cluster, a PostgreSQL
/// primary and a standby that every commit waits for. For trials and tests: they end with the process that started
/// them, and begin with nothing.
/// </summary>
/// <remarks>
/// RabbitMQ elects and recovers by itself. PostgreSQL's fail-over is a decision of an operator (or of a controller such
/// as CloudNativePG): <see cref="FailOverAsync"/> does what that decision takes. Not safe for concurrent calls, except
/// for calls on different nodes.
/// </remarks>
public sealed class LocalCluster : IAsyncDisposable
{
    private const int BrokerNodes = 3;
    private static readonly TimeSpan FollowLimit = TimeSpan.FromMinutes(2);

    private readonly SupervisedProcess _portMapper;
    private PrivateServers _primary;
    private PrivateServers _standby;

    private LocalCluster(
        SupervisedProcess portMapper,
        IReadOnlyList<PrivateServers> brokers,
        PrivateServers primary,
        PrivateServers standby
    )
    {
        _portMapper = portMapper;
        Brokers = brokers;
        _primary = primary;
        _standby = standby;
    }

    public IReadOnlyList<PrivateServers> Brokers { get; }

    /// <summary>The PostgreSQL that takes writes, as things are now.</summary>
    public PrivateServers Primary => _primary;

    public PrivateServers Standby => _standby;

    /// <summary>Names both servers, so that it stays right after a fail-over.</summary>
    public string PostgresConnectionString =>
        new NpgsqlConnectionStringBuilder(_primary.PostgresConnectionString)
        {
            Host = string.Join(
                ',',
                new[] { _primary.PostgresPort, _standby.PostgresPort }
                    .Order()
                    .Select(port => $"127.0.0.1:{port}")
            ),
        }.ConnectionString;

    /// <param name="folder">Everything is kept below it; it holds nothing of an earlier cluster.</param>
    /// <param name="brokerAuthPort">Where the hubs' operations listeners answer the broker: one port for all of them.</param>
    /// <param name="progress">Words about what is going on.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<LocalCluster> StartAsync(
        string folder,
        int brokerAuthPort,
        IProgress<string> progress,
        CancellationToken cancellation = default
    )
    {
        Directory.CreateDirectory(folder);
        var portMapperPort = LoopbackPorts.Choose(0, new HashSet<int>());
        var portMapper = SupervisedProcess.Start(
            new ServerCommand(
                Account: null,
                "TERM",
                Path.Combine(folder, "epmd.log"),
                Detached: false,
                ["epmd", "-port", $"{portMapperPort}", "-address", "127.0.0.1"],
                new Dictionary<string, string>()
            )
        );
        var started = new List<PrivateServers>();
        try
        {
            var primary = await StartPostgresAsync("postgres-1", null);
            var standby = await StartPostgresAsync("postgres-2", primary.AsStandbySource);
            var names = Enumerable
                .Range(1, BrokerNodes)
                .Select(number => $"axis{number}@localhost")
                .ToArray();
            var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
            // The first forms the cluster, and the others find it.
            var brokers = new List<PrivateServers>
            {
                await StartBrokerAsync(1, names, secret, portMapperPort),
            };
            brokers.AddRange(
                await Task.WhenAll(
                    Enumerable
                        .Range(2, BrokerNodes - 1)
                        .Select(number => StartBrokerAsync(number, names, secret, portMapperPort))
                )
            );
            var cluster = new LocalCluster(portMapper, brokers, primary, standby);
            await cluster.RequireStandbyAsync(cancellation);
            return cluster;
        }
        catch
        {
            foreach (var server in started)
            {
                await server.DisposeAsync();
            }
            await EndAsync(portMapper);
            throw;
        }

        async Task<PrivateServers> StartPostgresAsync(string name, StandbySource? of)
        {
            var server = await PrivateServers.StartAsync(
                new PrivateServersOptions(
                    Path.Combine(folder, name),
                    WithBroker: false,
                    StandbyOf: of
                ),
                progress,
                cancellation
            );
            started.Add(server);
            return server;
        }

        async Task<PrivateServers> StartBrokerAsync(
            int number,
            string[] names,
            string secret,
            int portMapper
        )
        {
            var server = await PrivateServers.StartAsync(
                new PrivateServersOptions(
                    Path.Combine(folder, $"rabbitmq-{number}"),
                    brokerAuthPort,
                    WithPostgres: false,
                    WithManagement: true,
                    Member: new BrokerMember(
                        names[number - 1],
                        names,
                        Cookie: secret[..20],
                        Password: secret[20..],
                        portMapper
                    )
                ),
                progress,
                cancellation
            );
            lock (started)
            {
                started.Add(server);
            }
            return server;
        }
    }

    /// <summary>
    /// The primary is lost: the standby takes over, and the lost one is made anew as its standby. What was committed is
    /// there, because no commit was answered before the standby had it.
    /// </summary>
    public async Task FailOverAsync(CancellationToken cancellation = default)
    {
        // A primary that comes back after its standby took over must not take another write.
        await _primary.KillPostgresAsync(cancellation);
        await PromoteAsync(_standby, cancellation);
        (_primary, _standby) = (_standby, _primary);
        await _standby.RebuildAsStandbyAsync(_primary.AsStandbySource, cancellation);
        await RequireStandbyAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in (PrivateServers[])[.. Brokers, _standby, _primary])
        {
            await server.DisposeAsync();
        }
        await EndAsync(_portMapper);
    }

    /// <summary>Ends everything and forgets its data.</summary>
    public async Task PurgeAsync()
    {
        foreach (var server in (PrivateServers[])[.. Brokers, _standby, _primary])
        {
            await PrivateServers.PurgeAsync(server.DataFolder);
        }
        await DisposeAsync();
    }

    private static async Task PromoteAsync(PrivateServers standby, CancellationToken cancellation)
    {
        await ExecuteAsync(standby, "SELECT pg_promote(true, 120)", cancellation);
        // It has no standby of its own yet, and would wait for one with every commit.
        await ExecuteAsync(standby, "ALTER SYSTEM RESET synchronous_standby_names", cancellation);
        await ExecuteAsync(standby, "SELECT pg_reload_conf()", cancellation);
    }

    /// <summary>From now on every commit waits for the standby. Asked for only when that one follows.</summary>
    private async Task RequireStandbyAsync(CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (
            !await AnswersYesAsync(
                _primary,
                $"SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = '{StandbySource.ApplicationName}' AND state = 'streaming')",
                cancellation
            )
        )
        {
            if (TimeProvider.System.GetElapsedTime(start) > FollowLimit)
            {
                throw new PrivateServersException(
                    $"The standby in {_standby.DataFolder} does not follow the primary."
                );
            }
            await Task.Delay(100, cancellation);
        }
        await ExecuteAsync(
            _primary,
            $"ALTER SYSTEM SET synchronous_standby_names = '{StandbySource.ApplicationName}'",
            cancellation
        );
        await ExecuteAsync(_primary, "SELECT pg_reload_conf()", cancellation);
    }

    private static async Task ExecuteAsync(
        PrivateServers server,
        string sql,
        CancellationToken cancellation
    )
    {
        await using var source = Unpooled(server);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 150;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<bool> AnswersYesAsync(
        PrivateServers server,
        string sql,
        CancellationToken cancellation
    )
    {
        await using var source = Unpooled(server);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    private static NpgsqlDataSource Unpooled(PrivateServers server) =>
        NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(server.PostgresConnectionString)
            {
                Database = "postgres",
                Pooling = false,
            }
        );

    private static async Task EndAsync(SupervisedProcess process)
    {
        await process.Identity.EndAsync(Signal.Terminate, TimeSpan.FromSeconds(10));
        process.Dispose();
    }
}
