using System.Collections.Concurrent;
using Axis.Hub.Delivery;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Events;

/// <summary>
/// The one on a node that watches the end of the feed, for all its listeners: woken by PostgreSQL, or by looking now
/// and then, it reads whose events are new and wakes only those that wait for them.
/// </summary>
public sealed class FeedTail(
    NpgsqlDataSource database,
    IOptions<EventOptions> options,
    TimeProvider clock,
    ILogger<FeedTail> log
) : BackgroundService
{
    private const int Chunk = 1000;

    // What no office system is called: those who hear everything.
    private const string Everybody = "";

    private const string New = """
        SELECT position, office_system_id FROM event_feed WHERE position > $1 ORDER BY position LIMIT $2
        """;

    private readonly InboxSignal _bells = new();
    private readonly ConcurrentQueue<Action<IReadOnlyCollection<string>>> _listeners = new();
    private readonly EventBell _look = new();
    private long _head;

    /// <summary>Everything up to here is there to be read.</summary>
    public FeedPosition Head => new(Interlocked.Read(ref _head));

    /// <summary>From now on tells whose events are new, for those on this node that push them.</summary>
    public void Tell(Action<IReadOnlyCollection<string>> listener) => _listeners.Enqueue(listener);

    /// <summary>Take the bell before looking. <paramref name="officeSystemId"/>: null for the events of all.</summary>
    public Task BellOf(string? officeSystemId) => _bells.BellOf(officeSystemId ?? Everybody);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT position FROM event_feed_head");
        _head = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _look.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            DatabaseNotices.ListenAsync(
                database,
                EventNumbering.Channel,
                _look.Ring,
                clock,
                log,
                stoppingToken
            ),
            WatchAsync(stoppingToken)
        );

    private async Task WatchAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await _look.WaitAsync(options.Value.LookInterval, clock, stopping);
                while (await LookAsync(stopping) == Chunk) { }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning("The event feed could not be read: {Failure}", failure.Message);
            }
        }
    }

    private async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(New);
        command.Parameters.Add(new() { Value = Head.Value });
        command.Parameters.Add(new() { Value = Chunk });
        var (head, count) = (Head.Value, 0);
        var heard = new HashSet<string>(StringComparer.Ordinal);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                head = reader.GetInt64(0);
                heard.Add(reader.GetString(1));
                count++;
            }
        }
        if (count > 0)
        {
            Interlocked.Exchange(ref _head, head);
            foreach (var officeSystem in heard)
            {
                _bells.Ring(officeSystem);
            }
            _bells.Ring(Everybody);
            foreach (var listener in _listeners)
            {
                listener(heard);
            }
        }
        return count;
    }
}
