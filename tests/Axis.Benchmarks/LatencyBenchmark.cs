using System.Collections.Concurrent;
using System.Text;
using Axis.Benchmarks.Traffic;
using Axis.LocalServers;
using Axis.TestKit;
using RabbitMQ.Client.Events;

namespace Axis.Benchmarks;

/// <summary>
/// How long a letter takes from the hub's taking it in (<c>received_at</c>, before it is checked and committed) to the
/// hands of its recipient, at a hundred letters a second: on a hub with nothing else to do, and of urgent letters while
/// 100,000 normal ones wait to be dispatched.
/// </summary>
public static class LatencyBenchmark
{
    private const string Name = "latency";
    private const int WarmUp = 12_000;
    private const int Connections = 16;
    private const int Letters = 3_000;
    private const int Backlog = 100_000;
    private const int Urgent = 400;
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_urgentPace = TimeSpan.FromMilliseconds(50);

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        await using var hub = await TwoOffices.StartAsync(servers);
        using var client = await hub.ClientAsync(TwoOffices.SenderSystem, @unchecked: true);
        await using var receiver = await AmqpListener.ConnectAsync(hub, TwoOffices.ReceiverSystem);
        var arrivals = new ConcurrentDictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var backlogLeft = Backlog;
        await receiver.ListenAsync($"axis.inbox.{TwoOffices.ReceiverSystem}", ArrivedAsync);
        await receiver.ListenAsync($"axis.inbox.{TwoOffices.ReceiverSystem}.urgent", ArrivedAsync);

        await Console.Error.WriteLineAsync("warming up");
        await HttpSenders.SendAsync(
            client,
            "v1/packages",
            Make(WarmUp),
            Connections,
            cancellationToken
        );
        await SendAtPaceAsync(client, Make(500), s_pace, cancellationToken);

        await Console.Error.WriteLineAsync("measuring the disk at the same pace");
        var letters = Make(Letters);
        var disk = await PacedDisk.MeasureAsync(
            Letters,
            letters[0].Length,
            s_pace,
            cancellationToken
        );
        await Console.Error.WriteLineAsync("measuring a hundred letters a second");
        await SendAtPaceAsync(client, letters, s_pace, cancellationToken);
        var normal = await TimesAsync(Letters, "priority = 0", _ => true);

        await Console.Error.WriteLineAsync("measuring urgent letters behind 100,000");
        byte[][] urgents =
        [
            .. Enumerable
                .Range(0, Urgent)
                .Select(_ =>
                    (
                        new Letter(TwoOffices.Sender, TwoOffices.Receiver) with
                        {
                            AttachmentBytes = SignedLetters.UsualAttachment,
                            Priority = 1,
                        }
                    ).Signed()
                ),
        ];
        // Warm: the first urgent letters ever open a channel of their own.
        await SendAtPaceAsync(client, urgents[..20], s_urgentPace, cancellationToken);
        await PileUpAsync(hub, cancellationToken);
        var began = TimeProvider.System.GetUtcNow();
        var drained = await SendWhileAsync(
            client,
            urgents[20..],
            () => Volatile.Read(ref backlogLeft) > 0,
            cancellationToken
        );
        var behind = await TimesAsync(1, "priority > 0", at => at >= began && at <= drained);
        return
        [
            Of("taken in to in the inbox, p50", normal.At(50), "ms", disk.At(50)),
            Of("taken in to in the inbox, p99", normal.At(99), "ms", disk.At(99)),
            Of("taken in to in the inbox, longest", normal[^1], "ms", disk[^1]),
            Of("urgent behind 100,000, p50", behind.At(50), "ms"),
            Of("urgent behind 100,000, p99", behind.At(99), "ms"),
            Of("urgent letters sent meanwhile", behind.Length, "letters"),
            Of("the 100,000 dispatched", Backlog / (drained - began).TotalSeconds, "deliveries/s"),
        ];

        Task ArrivedAsync(BasicDeliverEventArgs message)
        {
            var at = TimeProvider.System.GetUtcNow();
            var id = Encoding.UTF8.GetString(
                (byte[])message.BasicProperties.Headers!["x-axis-document-id"]!
            );
            if (!arrivals.TryAdd(id, at))
            {
                // The backlog is one letter over and over.
                Interlocked.Decrement(ref backlogLeft);
            }
            return Task.CompletedTask;
        }

        async Task<double[]> TimesAsync(
            int atLeast,
            string which,
            Func<DateTimeOffset, bool> counts
        )
        {
            var times = new List<double>();
            await Eventually.HoldsAsync(async () =>
            {
                times.Clear();
                await using var command = hub.Database.CreateCommand(
                    $"SELECT document_id, received_at FROM package WHERE {which} ORDER BY id DESC LIMIT {Letters}"
                );
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    var received = reader.GetFieldValue<DateTimeOffset>(1);
                    if (!counts(received))
                    {
                        continue;
                    }
                    if (!arrivals.TryGetValue(reader.GetString(0), out var arrived))
                    {
                        return false;
                    }
                    times.Add((arrived - received).TotalMilliseconds);
                }
                return times.Count >= atLeast;
            });
            return [.. times.Order()];
        }
    }

    private static byte[][] Make(int count) =>
        SignedLetters.Make(
            count,
            SignedLetters.UsualAttachment,
            TwoOffices.Sender,
            TwoOffices.Receiver
        );

    /// <summary>One letter each time, whatever became of those before: the load does not wait for the hub.</summary>
    private static async Task SendAtPaceAsync(
        HttpClient client,
        byte[][] letters,
        TimeSpan pace,
        CancellationToken cancellationToken
    )
    {
        List<Task> sent = [];
        using var clock = new PeriodicTimer(pace);
        foreach (var letter in letters)
        {
            sent.Add(SendAsync(client, letter, cancellationToken));
            await clock.WaitForNextTickAsync(cancellationToken);
        }
        await Task.WhenAll(sent);
    }

    /// <summary>Returns the instant at which the condition ended.</summary>
    private static async Task<DateTimeOffset> SendWhileAsync(
        HttpClient client,
        byte[][] letters,
        Func<bool> condition,
        CancellationToken cancellationToken
    )
    {
        List<Task> sent = [];
        using var clock = new PeriodicTimer(s_urgentPace);
        for (var next = 0; condition(); next++)
        {
            if (next < letters.Length)
            {
                sent.Add(SendAsync(client, letters[next], cancellationToken));
            }
            await clock.WaitForNextTickAsync(cancellationToken);
        }
        var ended = TimeProvider.System.GetUtcNow();
        await Task.WhenAll(sent);
        return ended;
    }

    private static Task SendAsync(
        HttpClient client,
        byte[] letter,
        CancellationToken cancellationToken
    ) => HttpSenders.SendAsync(client, "v1/packages", [letter], 1, cancellationToken);

    /// <summary>The last letter again and again, as after an outage of the broker: all due at once.</summary>
    private static async Task PileUpAsync(TestHub hub, CancellationToken cancellationToken)
    {
        await using var command = hub.Database.CreateCommand(
            $"""
            INSERT INTO delivery (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route,
                office_system_id, urgent, state, created_at, changed_at, next_attempt_at)
            SELECT (substr(uuid7_floor(now())::text, 1, 13) || '-7' || substr(md5(i::text), 1, 3) || '-8'
                    || substr(md5(i::text), 4, 3) || '-' || substr(md5(i::text), 7, 12))::uuid,
                d.package_id, d.sender_agency_id, d.recipient_agency_id, d.recipient_code, d.route,
                d.office_system_id, false, 'waiting', now(), now(), now()
            FROM (SELECT * FROM delivery WHERE NOT urgent ORDER BY id DESC LIMIT 1) AS d,
                generate_series(1, {Backlog}) AS i
            """
        );
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static Figure Of(string name, double value, string unit, double? floor = null) =>
        new(Name, name, value, unit, floor);
}
