using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

/// <summary>What a sender was told about one delivery.</summary>
internal sealed record Promise(
    Guid DeliveryId,
    string DocumentId,
    string Sender,
    string Written,
    string Agency,
    DateTimeOffset ReceivedAt
);

/// <summary>
/// Two provinces on a whole hub, the old one (H71) to be merged into the new one (H72) agency by agency. Each province
/// has one office system that collects over HTTP and one over AMQP, each serving half; two more send, one over each door.
/// </summary>
internal sealed class MergerRehearsal : IAsyncDisposable
{
    private static readonly string[] s_senders = ["sender-http", "sender-amqp"];

    /// <summary>What an office system has in hand at a time, and letters that a sender has under way.</summary>
    private const int AtATime = 8;

    private readonly TestHub _hub;
    private readonly int _agencies;
    private readonly Dictionary<string, HttpClient> _http = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AmqpOfficeSystem> _amqp = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, Promise> _promises = new();
    private readonly ConcurrentDictionary<Guid, bool> _unreported = new();
    private int _next;

    private MergerRehearsal(TestHub hub, ShiftedClock clock, int agencies) =>
        (_hub, Clock, _agencies) = (hub, clock, agencies);

    public ShiftedClock Clock { get; }

    public DateTimeOffset Instant { get; private set; }

    public IReadOnlyCollection<Promise> Promises => [.. _promises.Values];

    public TestHub Hub => _hub;

    public static async Task<MergerRehearsal> PrepareAsync(int agencies)
    {
        var clock = new ShiftedClock();
        // Tokens must outlive the jump over midnight, and a run on a slow machine.
        var hub = await TestHub.StartAsync(
            LocalServersSetUp.Servers,
            clock,
            asProcess: false,
            ("Access:TokenLifetime", "01:00:00")
        );
        var rehearsal = new MergerRehearsal(hub, clock, agencies);
        await hub.AddOperatorAsync("so-dang-ky", "registrar", "viewer");
        var catalogue = new StringBuilder(
            "code,oldCode,name\nH70.1,,Bên gửi một\nH70.2,,Bên gửi hai\n"
        );
        foreach (var province in (string[])["H71", "H72"])
        {
            for (var i = 0; i < agencies; i++)
            {
                catalogue.Append($"{province}.{i},{Old(province, i)},Xã {i} của {province}\n");
            }
        }
        await rehearsal.PostAsync("catalogue?reach=province&apply=true", catalogue.ToString());
        await hub.AddOfficeSystemAsync("sender-http", Door.Http, SignaturePolicy.Record, "H70.1");
        await hub.AddOfficeSystemAsync("sender-amqp", Door.Amqp, SignaturePolicy.Record, "H70.2");
        foreach (var province in (string[])["H71", "H72"])
        {
            foreach (var door in (Door[])[Door.Http, Door.Amqp])
            {
                var served = Enumerable
                    .Range(0, agencies)
                    .Where(i => i % 2 == (door == Door.Http ? 0 : 1))
                    .Select(i => $"{province}.{i}");
                await hub.AddOfficeSystemAsync(
                    SystemOf(province, door),
                    door,
                    SignaturePolicy.Record,
                    [.. served]
                );
            }
        }
        foreach (var system in (string[])["sender-http", "h71-http", "h72-http"])
        {
            rehearsal._http[system] = await hub.ClientAsync(system);
        }
        foreach (var system in (string[])["sender-amqp", "h71-amqp", "h72-amqp"])
        {
            var amqp = await AmqpOfficeSystem.ConnectAsync(hub, system);
            await amqp.ListenAsync();
            rehearsal._amqp[system] = amqp;
        }
        return rehearsal;
    }

    /// <summary>Hands in the reorganisation: it takes effect at the coming midnight of the hub's clock.</summary>
    public async Task PlanMergerAsync()
    {
        // Midnight is ten minutes away, whatever the time is: it comes by the jump and not before the file is in.
        Instant = Clock.GetUtcNow().AddMinutes(10);
        var acts = new StringBuilder("act,agency,target\n");
        for (var i = 0; i < _agencies; i++)
        {
            acts.Append($"merge,H71.{i},H72.{i}\n");
        }
        await PostAsync(
            $"reorganisations?apply=true&effective={Uri.EscapeDataString(Instant.ToString("O"))}",
            acts.ToString()
        );
    }

    /// <summary>Each sender sends so many letters, to three agencies each: of the old province, its old form, of the new.</summary>
    public Task SendAsync(int letters) =>
        Task.WhenAll(s_senders.Select(sender => SendAsync(sender, letters)));

    /// <summary>Collects, acknowledges and reports until the token says stop.</summary>
    public Task CollectAsync(CancellationToken stop) =>
        Task.WhenAll(
            _http
                .Where(pair => pair.Key.StartsWith('h'))
                .Select(pair => CollectAsync(pair.Key, pair.Value, stop))
                .Concat(
                    _amqp
                        .Where(pair => pair.Key.StartsWith('h'))
                        .Select(pair => CollectAsync(pair.Key, pair.Value, stop))
                )
        );

    public Task<long> CountAsync(string what) => _hub.CountAsync($"SELECT count(*) FROM {what}");

    /// <summary>What an old office system collected just before the instant and could not report any more.</summary>
    public async Task ReportLateAsync()
    {
        foreach (var delivery in _unreported.Keys)
        {
            var promise = _promises[delivery];
            var heir = "H72." + IndexOf(promise.Written);
            var report = new Report(heir, "03", promise.Sender, promise.DocumentId);
            var answer = await _http["h72-http"].SubmitAsync(report.Bytes());
            // Served by the other half, or reported by the heir itself already.
            if (answer.Status == HttpStatusCode.Forbidden)
            {
                await _amqp["h72-amqp"]
                    .AnswerToAsync(await _amqp["h72-amqp"].SubmitAsync(report.Bytes()));
            }
        }
    }

    /// <summary>For each delivery the code that the sender is told in the event of its status.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> HeardAsync()
    {
        var heard = new Dictionary<Guid, string>();
        var missing = Promises.Count(promise => promise.Sender == "H70.2");
        var read = 0;
        await Eventually.ReachesAsync(
            missing,
            () =>
            {
                var events = _amqp["sender-amqp"].Events;
                for (; read < events.Count; read++)
                {
                    if (events[read].Type == "axis.event")
                    {
                        Note(heard, events[read].Json.GetProperty("data"));
                    }
                }
                return Task.FromResult((long)heard.Count);
            }
        );
        while (
            await _http["sender-http"].ItemsAsync("v1/events?limit=1000") is { Count: > 0 } events
        )
        {
            foreach (var data in events.Select(one => one.GetProperty("data")))
            {
                Note(heard, data);
            }
            using var taken = await _http["sender-http"]
                .PostAsJsonAsync(
                    "v1/events/ack",
                    new { ids = events.Select(one => one.GetProperty("id").GetGuid()) }
                );
            taken.EnsureSuccessStatusCode();
        }
        return heard;

        static void Note(Dictionary<Guid, string> heard, JsonElement data) =>
            heard[data.GetProperty("deliveryId").GetGuid()] = data.GetProperty("recipient")
                .GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var amqp in _amqp.Values)
        {
            await amqp.DisposeAsync();
        }
        foreach (var http in _http.Values)
        {
            http.Dispose();
        }
        await _hub.DisposeAsync();
    }

    private Task SendAsync(string sender, int letters) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, letters),
            new ParallelOptions { MaxDegreeOfParallelism = AtATime },
            async (_, _) => await SendOneAsync(sender)
        );

    private async Task SendOneAsync(string sender)
    {
        var from = sender == "sender-http" ? "H70.1" : "H70.2";
        // Four different agencies: the merged ones must not meet in one letter, or they would be one delivery.
        var i = 4 * Interlocked.Increment(ref _next) % (_agencies - 3);
        var letter = new Letter(
            from,
            $"H71.{i}",
            Old("H71", i + 1),
            $"H72.{i + 2}",
            Old("H72", i + 3)
        );
        var receipt =
            sender == "sender-http"
                ? (await _http[sender].SubmitAsync(letter.Unsigned())).Json
                : (
                    await _amqp[sender]
                        .AnswerToAsync(await _amqp[sender].SubmitAsync(letter.Unsigned()))
                ).Json;
        foreach (var delivery in receipt.GetProperty("deliveries").EnumerateArray())
        {
            var id = delivery.GetProperty("deliveryId").GetGuid();
            _promises[id] = new(
                id,
                letter.DocumentId,
                from,
                delivery.GetProperty("recipient").GetString()!,
                delivery.GetProperty("agency").GetString()!,
                receipt.GetProperty("receivedAt").GetDateTimeOffset()
            );
        }
    }

    private async Task CollectAsync(string system, HttpClient client, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Parallel.ForEachAsync(
                await client.ItemsAsync("v1/inbox?limit=1000&wait=1"),
                new ParallelOptions { MaxDegreeOfParallelism = AtATime },
                async (item, _) => await TakeAsync(system, client, item)
            );
        }
    }

    private async Task TakeAsync(string system, HttpClient client, JsonElement item)
    {
        var id = item.GetProperty("deliveryId").GetGuid();
        if (await client.AcknowledgeAsync(id) != HttpStatusCode.NoContent)
        {
            return;
        }
        var report = new Report(
            CodeOf(system, item.GetProperty("recipient").GetString()!),
            "03",
            item.GetProperty("sender").GetString()!,
            item.GetProperty("documentId").GetString()
        );
        if ((await client.SubmitAsync(report.Bytes())).Status != HttpStatusCode.Created)
        {
            _unreported[id] = true;
        }
    }

    private async Task CollectAsync(string system, AmqpOfficeSystem amqp, CancellationToken stop)
    {
        var taken = 0;
        while (!stop.IsCancellationRequested)
        {
            var inbox = amqp.Inbox;
            await Parallel.ForEachAsync(
                Enumerable.Range(taken, inbox.Count - taken),
                new ParallelOptions { MaxDegreeOfParallelism = AtATime },
                async (i, _) => await TakeAsync(system, amqp, inbox[i])
            );
            taken = inbox.Count;
            // However long nothing comes: others may still be at work.
            await Eventually.HoldsAsync(
                () => Task.FromResult(stop.IsCancellationRequested || amqp.InboxCount > taken),
                Timeout.InfiniteTimeSpan
            );
        }
    }

    private async Task TakeAsync(string system, AmqpOfficeSystem amqp, Received message)
    {
        var id = Guid.Parse(message.MessageId);
        await amqp.AcknowledgeAsync(id);
        var report = new Report(
            CodeOf(system, message.Header("x-axis-recipient")!),
            "03",
            message.Header("x-axis-sender")!,
            message.Header("x-axis-document-id")
        );
        var answer = await amqp.AnswerToAsync(await amqp.SubmitAsync(report.Bytes()));
        if (answer.Type != "axis.receipt")
        {
            _unreported[id] = true;
        }
    }

    // An office system answers under the code of its own province, whichever the sender wrote.
    private static string CodeOf(string system, string written) =>
        $"{system[..3].ToUpperInvariant()}.{IndexOf(written)}";

    public static int IndexOf(string code) =>
        code.StartsWith('H')
            ? int.Parse(code[4..])
            : int.Parse(code[..3]) * 100 + int.Parse(code[4..6]);

    private static string SystemOf(string province, Door door) =>
        $"{province.ToLowerInvariant()}-{DoorNames.Of(door)}";

    // 4137 as 041.37.00.H71: the old form of another number of digits.
    private static string Old(string province, int i) => $"{i / 100:D3}.{i % 100:D2}.00.{province}";

    private async Task PostAsync(string path, string csv)
    {
        using var registrar = await _hub.ClientAsync("so-dang-ky", ops: true);
        using var content = new StringContent(csv);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var answer = await registrar.PostAsync(
            new Uri("ops/v1/" + path, UriKind.Relative),
            content
        );
        Assert.That(
            answer.StatusCode,
            Is.EqualTo(HttpStatusCode.OK),
            await answer.Content.ReadAsStringAsync()
        );
    }
}
