using Axis.Hub.Access;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Events;

/// <summary>Whose events: those told to one office system, or all.</summary>
public sealed record FeedScope(Collects? Of, Sees? Sees)
{
    /// <summary>Null: the events of all office systems.</summary>
    public string? OfficeSystemId =>
        Sees is { IsEverything: true } ? null : Of?.OfficeSystemId ?? "";
}

/// <param name="Body">CloudEvents 1.0, JSON, one line.</param>
public sealed record FeedItem(FeedPosition Position, Guid EventId, string Body);

/// <param name="Next">The cursor after this page.</param>
/// <param name="AtHead">False: there is more to look through already.</param>
public sealed record FeedPage(IReadOnlyList<FeedItem> Items, FeedPosition Next, bool AtHead);

/// <summary>
/// Reads the feed from a cursor. Every question carries whose events it may see. What one question costs is bounded,
/// however little of the feed its filter lets through: it looks through so many events, and its cursor says how far it
/// came.
/// </summary>
public sealed class EventFeed(
    NpgsqlDataSource database,
    FeedTail tail,
    IOptions<EventOptions> options,
    TimeProvider clock
) : IDisposable
{
    private const int ScannedAtOnce = 5_000;
    private const int MostScans = 4;

    // The page first, by position alone, then what of it passes. Operators see events, not what agencies wrote to each
    // other: the status package is left out for them.
    private const string Read = """
        WITH scanned AS (
            SELECT position, event_id, type, delivery_id, package_id, sender_agency_id, recipient_agency_id
            FROM event_feed WHERE position > $1 AND position <= $2 {0}
            ORDER BY position LIMIT $3
        ),
        passed AS (
            SELECT position, event_id FROM scanned
            WHERE ($4::text[] IS NULL OR type = ANY($4))
                AND ($5::uuid IS NULL OR sender_agency_id = $5 OR recipient_agency_id = $5)
                AND ($6::uuid IS NULL OR delivery_id = $6)
                AND ($7::uuid IS NULL OR package_id = $7)
            ORDER BY position LIMIT $8
        )
        SELECT s.last, s.count, p.position, p.event_id,
            CASE WHEN $9 THEN e.body::text ELSE (e.body::jsonb #- '{data,statusPackage}')::text END
        FROM (SELECT max(position) AS last, count(*) AS count FROM scanned) s
            LEFT JOIN passed p ON true
            LEFT JOIN event e ON e.id = p.event_id
        ORDER BY p.position
        """;

    private static readonly string OfAll = Read.Replace("{0}", "", StringComparison.Ordinal);
    private static readonly string OfOne = Read.Replace(
        "{0}",
        "AND office_system_id = $10",
        StringComparison.Ordinal
    );

    private readonly SemaphoreSlim _readers = new(options.Value.Readers);

    /// <summary>Before this nothing is kept any more.</summary>
    public FeedPosition Oldest =>
        FeedPosition.BeforeDay(FeedPosition.DayOf(clock.GetUtcNow()) - options.Value.KeepDays);

    /// <summary>What a listener with this cursor missed may be gone already.</summary>
    public bool IsTooOld(FeedPosition after) => after.Value > 0 && after.Day < Oldest.Day;

    public async Task<FeedPage> ReadAsync(
        FeedScope scope,
        FeedFilter filter,
        FeedPosition after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var head = tail.Head;
        var items = new List<FeedItem>();
        await _readers.WaitAsync(cancellationToken);
        try
        {
            for (var scan = 0; scan < MostScans && after.Value < head.Value; scan++)
            {
                var room = limit - items.Count;
                var found = await ScanAsync(
                    scope,
                    filter,
                    (after, head),
                    room,
                    items,
                    cancellationToken
                );
                if (found.Passed == room)
                {
                    // It was not looked at what comes behind the last of these, whether they had bodies or not.
                    after = found.LastPassed;
                    if (items.Count == limit)
                    {
                        return new FeedPage(items, after, AtHead: false);
                    }
                }
                else if (found.Scanned < ScannedAtOnce)
                {
                    return new FeedPage(items, head, AtHead: true);
                }
                else
                {
                    after = found.Last;
                }
            }
        }
        finally
        {
            _readers.Release();
        }
        return new FeedPage(items, after, after.Value >= head.Value);
    }

    public void Dispose() => _readers.Dispose();

    /// <summary>Adds what passes and has a body still.</summary>
    private async Task<Scan> ScanAsync(
        FeedScope scope,
        FeedFilter filter,
        (FeedPosition After, FeedPosition Head) between,
        int limit,
        List<FeedItem> items,
        CancellationToken cancellationToken
    )
    {
        var one = scope.OfficeSystemId;
        await using var command = database.CreateCommand(one is null ? OfAll : OfOne);
        Add(NpgsqlDbType.Bigint, between.After.Value);
        Add(NpgsqlDbType.Bigint, between.Head.Value);
        Add(NpgsqlDbType.Integer, ScannedAtOnce);
        Add(NpgsqlDbType.Array | NpgsqlDbType.Text, filter.Types?.ToArray());
        Add(NpgsqlDbType.Uuid, filter.AgencyId);
        Add(NpgsqlDbType.Uuid, filter.DeliveryId);
        Add(NpgsqlDbType.Uuid, filter.PackageId);
        Add(NpgsqlDbType.Integer, limit);
        Add(NpgsqlDbType.Boolean, one is not null);
        if (one is not null)
        {
            Add(NpgsqlDbType.Text, one);
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var scan = new Scan(between.After, 0, between.After, 0);
        while (await reader.ReadAsync(cancellationToken))
        {
            var scanned = reader.GetInt64(1);
            if (await reader.IsDBNullAsync(2, cancellationToken))
            {
                // The one row that says that nothing passed.
                return scanned == 0
                    ? scan
                    : scan with
                    {
                        Last = new FeedPosition(reader.GetInt64(0)),
                        Scanned = scanned,
                    };
            }
            scan = new Scan(
                new FeedPosition(reader.GetInt64(0)),
                scanned,
                new FeedPosition(reader.GetInt64(2)),
                scan.Passed + 1
            );
            // No body: the month of the event has left for the archive before its days were over.
            if (!await reader.IsDBNullAsync(4, cancellationToken))
            {
                items.Add(new FeedItem(scan.LastPassed, reader.GetGuid(3), reader.GetString(4)));
            }
        }
        return scan;

        void Add(NpgsqlDbType type, object? value) =>
            command.Parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value }
            );
    }

    /// <param name="Last">The last position that was looked at.</param>
    /// <param name="LastPassed">The last that passed the filter.</param>
    private sealed record Scan(
        FeedPosition Last,
        long Scanned,
        FeedPosition LastPassed,
        int Passed
    );
}
