using System.Collections.Concurrent;
using Axis.Hub.Access;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Registry;

/// <summary>
/// Remembers when each office system was last heard at each door. Kept in memory and written every few seconds: who asks
/// wants to know whether a system is alive, not to the millisecond, and no request waits for it.
/// </summary>
public sealed class LastSeen(NpgsqlDataSource database, TimeProvider clock, ILogger<LastSeen> log)
    : BackgroundService
{
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(2);

    // Of two nodes the later sighting stays. A system that was removed meanwhile has no row to keep.
    private const string Write = $"""
        INSERT INTO office_system_seen (office_system_id, door, at, remote)
        SELECT n.* FROM unnest($1, $2, $3, $4) AS n (office_system_id, door, at, remote)
        JOIN office_system s ON s.id = n.office_system_id CROSS JOIN {UnsyncedCommit.Row}
        ORDER BY 1, 2
        ON CONFLICT (office_system_id, door) DO UPDATE SET (at, remote) = (excluded.at, excluded.remote)
        WHERE office_system_seen.at < excluded.at
        """;

    private readonly ConcurrentDictionary<(string Id, Door Door), Sighting> _unwritten = new();

    public void Note(string officeSystemId, Door door, string? remote) =>
        _unwritten[(officeSystemId, door)] = new(clock.GetUtcNow(), remote);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(WriteInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await WriteAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("Sightings could not be written: {Failure}", failure.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var seen = _unwritten.ToArray();
        if (seen.Length == 0)
        {
            return;
        }
        await using var command = database.CreateCommand(Write);
        command.Parameters.Add(new() { Value = seen.Select(one => one.Key.Id).ToArray() });
        command.Parameters.Add(
            new() { Value = seen.Select(one => DoorNames.Of(one.Key.Door)).ToArray() }
        );
        command.Parameters.Add(new() { Value = seen.Select(one => one.Value.At).ToArray() });
        command.Parameters.Add(new() { Value = seen.Select(one => one.Value.Remote).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
        foreach (var one in seen)
        {
            // Only what was written: a newer sighting stays.
            _unwritten.TryRemove(one);
        }
    }

    private sealed record Sighting(DateTimeOffset At, string? Remote);
}

public static class LastSeenAtHttp
{
    /// <summary>Notes the caller of every authenticated request. After authentication, before the endpoints.</summary>
    public static void UseLastSeen(this WebApplication app)
    {
        var seen = app.Services.GetRequiredService<LastSeen>();
        app.Use(
            (context, next) =>
            {
                if (context.Features.Get<Caller>() is OfficeSystemCaller caller)
                {
                    seen.Note(caller.Id, Door.Http, context.Connection.RemoteIpAddress?.ToString());
                }
                return next(context);
            }
        );
    }
}
