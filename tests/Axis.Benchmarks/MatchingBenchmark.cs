using System.Diagnostics;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Axis.LocalServers;
using Axis.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Axis.Benchmarks;

/// <summary>
/// Finding the delivery that a status report is about, by document id and by sender, number, notation and date: among a
/// few letters of this month, and among many over ten years of partitions.
/// </summary>
internal static class MatchingBenchmark
{
    private const string Name = "matching";
    private const int Agencies = 300;
    private const int Few = 4_000;
    private const int Years = 10;
    private const int Batches = 300;

    /// <summary>Days.</summary>
    private const int Recent = 20;

    /// <summary>Reports that are matched together, as the hub does under load.</summary>
    private const int Together = 50;

    public const int DefaultDeliveries = 1_000_000;

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        int deliveries,
        CancellationToken cancellationToken
    )
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        var few = await MeasureAsync(servers, Few, Recent, cancellationToken);
        var many = await MeasureAsync(servers, deliveries, Years * 365, cancellationToken);
        return
        [
            .. many.Zip(
                few,
                (full, empty) => new Figure(Name, full.What, full.Time, "µs", empty.Time)
            ),
        ];
    }

    private static async Task<IReadOnlyList<(string What, double Time)>> MeasureAsync(
        SharedTestServers servers,
        int deliveries,
        int days,
        CancellationToken cancellationToken
    )
    {
        await using var database = NpgsqlDataSource.Create(
            await servers.CreateDatabaseAsync(cancellationToken) + TrackingBenchmark.AsTheHub
        );
        await new Migrator(
            database,
            TimeProvider.System,
            NullLogger<Migrator>.Instance
        ).MigrateAsync(cancellationToken);
        var registry = new TestRegistry(database);
        for (var i = 0; i < Agencies; i++)
        {
            await registry.AddAgencyAsync($"M77.{i}");
        }
        var letters = deliveries / ManyLetters.Recipients;
        await ManyLetters.FillAsync(
            database,
            TimeProvider.System.GetUtcNow(),
            letters,
            days,
            cancellationToken
        );
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // Reports come soon after their letters, here as there: how many days they are from decides what a batch costs.
        var recent = await NamesAsync(
            connection,
            $"WHERE id >= uuid7_floor(now() - interval '{Recent} days') LIMIT 20000"
        );
        var byNumber = recent.Select(name => name with { DocumentId = "" }).ToArray();
        var old = await OldAsync(connection);
        return
        [
            ("a report matched by document id", await TimeAsync(recent)),
            ("a report matched by sender, number, notation and date", await TimeAsync(byNumber)),
            ("a report on a letter of any age, by document id", await TimeAsync(old)),
            (
                "a report that names no letter",
                await TimeAsync([
                    .. recent.Select(name => name with { DocumentId = "?", NumberKey = "?/?" }),
                ])
            ),
        ];

        async Task<double> TimeAsync(LetterName[] names)
        {
            var times = new List<double>(Batches);
            for (var batch = 0; batch < Batches; batch++)
            {
                var asked = Enumerable
                    .Range(batch * Together, Together)
                    .Select(i => names[i * 7919L % names.Length])
                    .ToArray();
                var began = Stopwatch.GetTimestamp();
                await LetterLookup.FindAsync(connection, asked, null, cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds / Together);
            }
            return times.Order().ElementAt(Batches / 2);
        }

        // Of all months as many; ids are spread over the months evenly.
        Task<LetterName[]> OldAsync(NpgsqlConnection connection) =>
            NamesAsync(
                connection,
                $"WHERE code_number::bigint % {Math.Max(1, letters / 10_000)} = 0"
            );

        async Task<LetterName[]> NamesAsync(NpgsqlConnection connection, string which)
        {
            await using var command = new NpgsqlCommand(
                $"SELECT sender_agency_id, document_id, code_number, promulgated_on FROM package {which}",
                connection
            )
            {
                CommandTimeout = 0,
            };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var names = new List<LetterName>();
            while (await reader.ReadAsync(cancellationToken))
            {
                names.Add(
                    new LetterName(
                        reader.GetGuid(0),
                        reader.GetString(1),
                        new DocumentNumber(reader.GetString(2), "UBND-VP").Key,
                        reader.GetFieldValue<DateOnly>(3)
                    )
                );
            }
            return [.. names];
        }
    }
}
