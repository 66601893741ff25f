using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Axis.Hub.Storage;
using Axis.Hub.Storage.Archive;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Axis.Hub.Tests.Storage;

/// <summary>Letters of a month long ago, as the rows that a hub would have written then.</summary>
internal sealed class OldMonth(TestKit.TestHub hub, int year, int month)
{
    private int _letters;

    public ArchiveMonth Month { get; } = new(year, month);

    public Task MakePartitionsAsync() =>
        Partitions.EnsureAsync(hub.Database, Month.Start, 0, default);

    /// <summary>A letter with one delivery, a line of history, a report on it and the event of the report.</summary>
    public async Task<OldLetter> AddAsync(
        string state = "collected",
        string eventState = "taken",
        string listener = "office",
        DateTimeOffset? at = null
    )
    {
        var when = at ?? Month.Start.AddDays(1);
        var letter = new OldLetter(IdAt(when), IdAt(when), IdAt(when), IdAt(when), IdAt(when));
        foreach (var id in (Guid[])[letter.Package, letter.Report])
        {
            var bytes = Encoding.UTF8.GetBytes(id.ToString());
            await hub.ExecuteAsync(
                "INSERT INTO payload (package_id, bytes) VALUES ($1, $2)",
                id,
                hub.Services.GetRequiredService<PayloadStore>().Seal(bytes)!
            );
            await hub.ExecuteAsync(
                id == letter.Package
                    ? """
                    INSERT INTO package (id, received_at, door, office_system_id, sender_agency_id, sender_code,
                        document_id, business, sha256, size, verdict, receipt)
                    VALUES ($1, $2, 'http', 'office', $1, 'H99', $1::text, 0, $3, $4, 'none', '{"first":true}')
                    """
                    : $"""
                    INSERT INTO status_report (id, received_at, door, office_system_id, from_agency_id, from_code,
                        delivery_id, status, outcome, sha256, size, receipt)
                    VALUES ($1, $2, 'http', 'commune', $1, 'H99.02', '{letter.Delivery}', '03', 'applied', $3, $4, '{"{}"}')
                    """,
                id,
                when,
                SHA256.HashData(bytes),
                (long)bytes.Length
            );
        }
        await hub.ExecuteAsync(
            """
            INSERT INTO delivery (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route,
                office_system_id, state, created_at, changed_at)
            VALUES ($1, $2, $1, $2, 'H99.02', 'office_system', 'commune', $3, $4, $4)
            """,
            letter.Delivery,
            letter.Package,
            state,
            when
        );
        await hub.ExecuteAsync(
            """
            INSERT INTO delivery_history (id, delivery_id, at, what, actor, report_id)
            VALUES ($1, $2, $3, 'status', 'commune', $4)
            """,
            letter.History,
            letter.Delivery,
            when,
            letter.Report
        );
        await hub.ExecuteAsync(
            """
            INSERT INTO event (id, office_system_id, type, at, delivery_id, report_id, body, state)
            VALUES ($1, $2, 'vn.axis.delivery.received', $3, $4, $5, '{}', $6)
            """,
            letter.Event,
            listener,
            when,
            letter.Delivery,
            letter.Report,
            eventState
        );
        return letter;
    }

    /// <summary>Which of its rows, and of its contents, the database has.</summary>
    public async Task<IReadOnlySet<string>> RowsOfAsync(OldLetter letter)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (
            var (table, key, id) in ((string, string, Guid)[])
                [
                    ("package", "id", letter.Package),
                    ("payload", "package_id", letter.Package),
                    ("delivery", "id", letter.Delivery),
                    ("delivery_history", "id", letter.History),
                    ("status_report", "id", letter.Report),
                    ("payload of the report", "package_id", letter.Report),
                    ("event", "id", letter.Event),
                ]
        )
        {
            if (
                await hub.CountAsync(
                    $"SELECT count(*) FROM {table.Split(' ')[0]} WHERE {key} = '{id}'"
                ) > 0
            )
            {
                found.Add(table);
            }
        }
        return found;
    }

    // As the hub makes them: the time, then what tells them apart.
    private Guid IdAt(DateTimeOffset when) =>
        Guid.Parse(
            when.ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture)
                + "70008000"
                + (++_letters).ToString("x12", CultureInfo.InvariantCulture)
        );
}

internal sealed record OldLetter(
    Guid Package,
    Guid Delivery,
    Guid History,
    Guid Report,
    Guid Event
);

internal static class HubRows
{
    public static async Task ExecuteAsync(
        this TestKit.TestHub hub,
        string sql,
        params object[] values
    )
    {
        await using var command = hub.Database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Whether a session has waited for a lock for longer than the time-out of its client.</summary>
    public static async Task<bool> WaitsAsync(NpgsqlDataSource database, string application)
    {
        await using var command = database.CreateCommand(
            """
            SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'
                AND state = 'active' AND clock_timestamp() - query_start > interval '3 seconds'
            """
        );
        command.Parameters.Add(new() { Value = application });
        return await command.ExecuteScalarAsync() is > 0L;
    }
}
