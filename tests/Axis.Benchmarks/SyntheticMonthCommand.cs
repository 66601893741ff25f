using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Deadlines;
using Axis.Hub.Registry;
using Axis.Hub.Reports;
using Axis.Hub.Storage;
using Axis.LocalServers;
using Axis.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Benchmarks;

/// <summary><c>synthetic-month</c>: a month of a province that does not exist, written into a database.</summary>
internal static class SyntheticMonthCommand
{
    public static Command Build()
    {
        var seed = new Option<int>("--seed")
        {
            DefaultValueFactory = _ => 7,
            Description = "The same seed makes the same month",
        };
        var month = new Option<string>("--month")
        {
            DefaultValueFactory = _ => "2026-10",
            Description = "Which month",
        };
        var agencies = new Option<int>("--agencies")
        {
            DefaultValueFactory = _ => 300,
            Description = "At least 2",
        };
        var deliveries = new Option<int>("--deliveries")
        {
            DefaultValueFactory = _ => 150_000,
            Description = "How many",
        };
        var database = new Option<string?>("--database")
        {
            Description =
                "Connection string of a database that a hub migrated; without it a private server, which ends with the command",
        };
        var ledger = new Option<FileInfo?>("--ledger")
        {
            Description = "Write what happened to this file, as JSON",
        };
        var command = new Command(
            "synthetic-month",
            "Write a month of a synthetic province into a database, and time its report"
        )
        {
            seed,
            month,
            agencies,
            deliveries,
            database,
            ledger,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                if (
                    !DateOnly.TryParseExact(
                        parsed.GetValue(month),
                        "yyyy-MM",
                        CultureInfo.InvariantCulture,
                        DateTimeStyles.None,
                        out var first
                    )
                    || parsed.GetValue(agencies) < 2
                    || parsed.GetValue(deliveries) < 1
                )
                {
                    await Console.Error.WriteLineAsync(
                        "A month such as 2026-10, at least 2 agencies and one delivery."
                    );
                    return 2;
                }
                var made = SyntheticMonth.Of(
                    parsed.GetValue(seed),
                    first,
                    parsed.GetValue(agencies),
                    parsed.GetValue(deliveries),
                    new WorkingTimeOptions().Make()
                );
                if (parsed.GetValue(ledger) is { } file)
                {
                    await using var output = file.Create();
                    await JsonSerializer.SerializeAsync(
                        output,
                        made.Letters,
                        cancellationToken: cancellationToken
                    );
                }
                await (
                    parsed.GetValue(database) is { } given
                        ? WriteAsync(made, given, cancellationToken)
                        : WriteToPrivateAsync(made, cancellationToken)
                );
                return 0;
            }
        );
        return command;
    }

    private static async Task WriteToPrivateAsync(
        SyntheticMonth made,
        CancellationToken cancellationToken
    )
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        var connection = await servers.CreateDatabaseAsync(cancellationToken);
        await using (var database = NpgsqlDataSource.Create(connection))
        {
            await new Migrator(
                database,
                TimeProvider.System,
                NullLogger<Migrator>.Instance
            ).MigrateAsync(cancellationToken);
        }
        await WriteAsync(made, connection, cancellationToken);
    }

    private static async Task WriteAsync(
        SyntheticMonth made,
        string connection,
        CancellationToken cancellationToken
    )
    {
        await using var database = NpgsqlDataSource.Create(connection);
        var watch = Stopwatch.StartNew();
        await SyntheticMonthRows.WriteAsync(made, database, cancellationToken);
        Console.WriteLine(
            $"{made.Letters.Count} letters, {made.Letters.Sum(letter => letter.Deliveries.Count)} deliveries written in {watch.Elapsed.TotalSeconds:N1} s"
        );
        using var registry = new RegistryCache(
            database,
            new RegistryReader(database, NullLogger<RegistryReader>.Instance),
            Options.Create(new RegistryOptions()),
            TimeProvider.System,
            NullLogger<RegistryCache>.Instance
        );
        await registry.StartAsync(cancellationToken);
        watch.Restart();
        var report = await new MonthReports(
            database,
            registry,
            new WorkingTimeOptions().Make(),
            TimeProvider.System
        ).OfAsync(
            made.Month,
            null,
            Permissions.Letters(new OperatorCaller("synthetic", OperatorRoles.Viewer)),
            cancellationToken
        );
        Console.WriteLine(
            $"reported in {watch.Elapsed.TotalSeconds:N1} s, {report.Rows.Count} rows; the province:"
        );
        Console.WriteLine(JsonSerializer.Serialize(report.Province, Hub.Errors.HubJson.Options));
        await registry.StopAsync(cancellationToken);
    }
}
