using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Tests.Registry;

/// <summary>A migrated database without a hub.</summary>
internal sealed class RegistryDatabase : IAsyncDisposable
{
    private RegistryDatabase(NpgsqlDataSource source) => Source = source;

    public NpgsqlDataSource Source { get; }

    public static async Task<RegistryDatabase> CreateAsync()
    {
        var source = NpgsqlDataSource.Create(await LocalServersSetUp.Servers.CreateDatabaseAsync());
        await new Migrator(source, TimeProvider.System, NullLogger<Migrator>.Instance).MigrateAsync(
            CancellationToken.None
        );
        return new RegistryDatabase(source);
    }

    public RegistryCache CreateCache(TimeSpan? poll = null, TimeProvider? clock = null) =>
        new(
            Source,
            new RegistryReader(Source, NullLogger<RegistryReader>.Instance),
            Options.Create(new RegistryOptions { PollInterval = poll ?? TimeSpan.FromSeconds(2) }),
            clock ?? TimeProvider.System,
            NullLogger<RegistryCache>.Instance
        );

    public async Task<RegistrySnapshot> ReadAsync()
    {
        using var cache = CreateCache();
        await cache.RefreshAsync(CancellationToken.None);
        return cache.Current;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> CountAsync(string table)
    {
        await using var command = Source.CreateCommand($"SELECT count(*) FROM {table}");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
