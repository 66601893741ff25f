using System.Diagnostics;
using System.Text;
using Axis.Hub.Registry;
using Axis.Hub.Registry.Editing;
using Axis.Hub.Storage;
using Axis.LocalServers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Benchmarks;

/// <summary>
/// The catalogue of the whole country: 120,000 agencies with two codes each. What a lookup costs, what memory it takes,
/// how long reading, importing and seeing a change take. PostgreSQL syncs to disk.
/// </summary>
internal static class RegistryBenchmark
{
    private const string Name = "registry";
    private const int Agencies = 120_000;
    private const int Lookups = 5_000_000;
    private const int Rounds = 5;

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        await using var database = NpgsqlDataSource.Create(
            await servers.CreateDatabaseAsync(cancellationToken)
        );
        await new Migrator(
            database,
            TimeProvider.System,
            NullLogger<Migrator>.Instance
        ).MigrateAsync(cancellationToken);
        var reader = new RegistryReader(database, NullLogger<RegistryReader>.Instance);
        var figures = new List<Figure>();

        var empty = await reader.ReadAsync(null, Now(), cancellationToken);
        var file = Catalogue(renamed: 0);
        figures.Add(Of("catalogue file", file.Length / 1e6, "MB"));

        var dryRun = await TimeAsync(() => PlanAsync(file, empty));
        figures.Add(Of("dry run of 120,000 new agencies", dryRun, "s"));
        var import = await TimeAsync(() => ApplyAsync(database, reader, file, cancellationToken));
        figures.Add(Of("import of 120,000 new agencies", import, "s"));

        var whole = new List<double>();
        var processor = new List<double>();
        RegistrySnapshot? snapshot = null;
        for (var i = 0; i < Rounds; i++)
        {
            snapshot = null;
            var began = Environment.CpuUsage.TotalTime;
            whole.Add(
                await TimeAsync(async () =>
                    snapshot = await reader.ReadAsync(null, Now(), cancellationToken)
                )
            );
            processor.Add((Environment.CpuUsage.TotalTime - began).TotalSeconds);
        }
        figures.Add(Of("reading everything, median", Median(whole), "s"));
        figures.Add(Of("reading everything, the hub's processor time", Median(processor), "s"));
        figures.Add(
            Of("memory of the catalogue", await MemoryAsync(reader, cancellationToken), "MB")
        );

        var changed = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            await ExecuteAsync(
                database,
                $"UPDATE agency SET email = '{i}@example.vn' WHERE id = (SELECT agency_id FROM agency_code WHERE code = 'H10.{i}')",
                cancellationToken
            );
            changed.Add(
                await TimeAsync(async () =>
                    snapshot = await reader.ReadAsync(snapshot, Now(), cancellationToken)
                )
            );
        }
        figures.Add(Of("reading one changed agency, median", Median(changed) * 1000, "ms"));
        figures.Add(
            Of(
                "a change seen by another node, median",
                await SeenAsync(database, reader, cancellationToken),
                "ms"
            )
        );

        var again = await TimeAsync(() => PlanAsync(Catalogue(renamed: 1000), snapshot!));
        figures.Add(Of("dry run with 1,000 renamed", again, "s"));
        var partly = await TimeAsync(() =>
            ApplyAsync(database, reader, Catalogue(renamed: 1000), cancellationToken)
        );
        figures.Add(Of("import with 1,000 renamed", partly, "s"));

        figures.AddRange(Lookup(snapshot!));
        return figures;
    }

    private static IEnumerable<Figure> Lookup(RegistrySnapshot snapshot)
    {
        var codes = Enumerable
            .Range(0, Agencies)
            .Select(i => i % 2 == 0 ? CodeOf(i) : OldCodeOf(i))
            .ToArray();
        new Random(7).Shuffle(codes);
        var now = Now();
        foreach (var round in (string[])["warm", "measured"])
        {
            // Processor time of this process: what else runs on the machine does not count.
            var found = 0;
            var began = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < Lookups; i++)
            {
                found += snapshot.TryFindAgency(codes[i % Agencies], now, out _) ? 1 : 0;
            }
            var lookup = (Environment.CpuUsage.TotalTime - began).TotalNanoseconds / Lookups;
            began = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < Lookups; i++)
            {
                found += snapshot.Resolve(codes[i % Agencies], now) is Resolution.One ? 1 : 0;
            }
            var resolve = (Environment.CpuUsage.TotalTime - began).TotalNanoseconds / Lookups;
            if (found != 2 * Lookups)
            {
                throw new InvalidOperationException("A code was not found");
            }
            if (round == "measured")
            {
                yield return Of("lookup by code, processor time", lookup, "ns");
                yield return Of("code to receiver, processor time", resolve, "ns");
            }
        }
    }

    private static async Task<double> MemoryAsync(
        RegistryReader reader,
        CancellationToken cancellationToken
    )
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var snapshot = await reader.ReadAsync(null, Now(), cancellationToken);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(snapshot);
        return (after - before) / 1e6;
    }

    /// <summary>From the commit of a change until a listening cache has it, all notifications included.</summary>
    private static async Task<double> SeenAsync(
        NpgsqlDataSource database,
        RegistryReader reader,
        CancellationToken cancellationToken
    )
    {
        using var cache = new RegistryCache(
            database,
            reader,
            Options.Create(new RegistryOptions()),
            TimeProvider.System,
            NullLogger<RegistryCache>.Instance
        );
        await cache.StartAsync(cancellationToken);
        var times = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            var mail = $"seen-{i}@example.vn";
            await ExecuteAsync(
                database,
                $"UPDATE agency SET email = '{mail}' WHERE id = (SELECT agency_id FROM agency_code WHERE code = 'H10.7')",
                cancellationToken
            );
            var watch = Stopwatch.StartNew();
            while (cache.Current.LastOwnerOf("H10.7")!.Email != mail)
            {
                await Task.Yield();
            }
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        await cache.StopAsync(cancellationToken);
        return Median(times);
    }

    private static Task PlanAsync(byte[] file, RegistrySnapshot registry)
    {
        Plan(file, registry);
        return Task.CompletedTask;
    }

    private static RegistryEdit Plan(byte[] file, RegistrySnapshot registry)
    {
        var errors = new List<Hub.Errors.ErrorItem>();
        var entries = CatalogueFile.Read(file, isJson: false, errors);
        var planned = CatalogueDifference.Of(
            entries,
            registry,
            Now(),
            new CatalogueOptions(AgencyReach.National, CloseMissing: false)
        );
        return errors.Count + planned.Errors.Count == 0
            ? planned.Edit!
            : throw new InvalidOperationException("The catalogue is not as expected");
    }

    private static async Task ApplyAsync(
        NpgsqlDataSource database,
        RegistryReader reader,
        byte[] file,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var registry = await reader.ReadAsync(connection, null, Now(), cancellationToken);
        await new RegistryWriter(connection).WriteAsync(
            Plan(file, registry),
            "bench",
            Now(),
            cancellationToken
        );
        await transaction.CommitAsync(cancellationToken);
    }

    private static byte[] Catalogue(int renamed)
    {
        var csv = new StringBuilder("code,oldCode,name,inCharge,parent,kind,email\n");
        for (var i = 0; i < Agencies; i++)
        {
            var parent = i < 90 ? "" : CodeOf(i % 90);
            csv.Append(CodeOf(i))
                .Append(',')
                .Append(OldCodeOf(i))
                .Append(",Uỷ ban nhân dân xã Đồng Tháp số ")
                .Append(i)
                .Append(i < renamed ? " mới" : "")
                .Append(",Uỷ ban nhân dân tỉnh ")
                .Append(i % 90)
                .Append(',')
                .Append(parent)
                .Append(",commune,xa-")
                .Append(i)
                .Append("@example.vn\n");
        }
        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    private static string CodeOf(int i) => $"H{10 + (i % 90)}.{i / 90}";

    private static string OldCodeOf(int i) =>
        $"{i / 9000:D3}.{i / 90 % 100:D2}.00.H{10 + (i % 90)}";

    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();

    private static Figure Of(string what, double value, string unit) =>
        new(Name, what, value, unit, null);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<double> TimeAsync(Func<Task> act)
    {
        var watch = Stopwatch.StartNew();
        await act();
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task ExecuteAsync(
        NpgsqlDataSource database,
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(sql);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            throw new InvalidOperationException("Nothing was changed");
        }
    }
}
