using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Axis.Chaos.Books;
using Axis.TestKit;

namespace Axis.Chaos.Offices;

/// <summary>An office system of the run.</summary>
/// <param name="InboxDoor">By which door it collects.</param>
/// <param name="SendDoor">By which door it submits.</param>
/// <param name="Acknowledges">Whether it acknowledges while the run lasts; otherwise only at its end.</param>
public sealed record OfficePlan(
    string Id,
    string Code,
    string InboxDoor,
    string SendDoor,
    bool Acknowledges = true
);

/// <summary>
/// An office system with its own ledger: sends letters, collects those of others, acknowledges them, reports on them,
/// and hears of what became of its own. It sends again whatever gets no answer, as the integration guide asks.
/// </summary>
public sealed class Office : IDisposable
{
    private const int FollowUps = 16;

    private readonly OfficePlan _plan;
    private readonly OpenLetters _open;
    private readonly HubHttp _http;
    private readonly AmqpDoor _amqp;
    private readonly Channel<ReceivedLetter> _toReport = Channel.CreateUnbounded<ReceivedLetter>();
    private readonly Random _habits;

    public Office(OfficePlan plan, Uri hub, Uri broker, string secret, OpenLetters open, int seed)
    {
        _plan = plan;
        _open = open;
        _habits = new Random(seed);
        _http = new HubHttp(hub, plan.Id, secret);
        _amqp = new AmqpDoor(broker, plan.Id, secret, Ledger, ReceiveAsync);
    }

    public string Id => _plan.Id;

    public string Code => _plan.Code;

    public OfficePlan Plan => _plan;

    public OfficeLedger Ledger { get; } = new();

    /// <summary>Set when the run is over: whoever never acknowledged does it now.</summary>
    public bool IsClosing { get; set; }

    public AmqpDoor Amqp => _amqp;

    public void Dispose() => _http.Dispose();

    /// <summary>Collects, acknowledges, reports and listens until the run is over.</summary>
    public Task RunAsync(CancellationToken over)
    {
        var work = new List<Task>();
        if (_plan.InboxDoor == DoorNames.Amqp || _plan.SendDoor == DoorNames.Amqp)
        {
            work.Add(_amqp.RunAsync(over));
        }
        if (_plan.InboxDoor == DoorNames.Http)
        {
            work.Add(ForeverAsync(CollectAsync, over));
            work.Add(ForeverAsync(ListenAsync, over));
        }
        for (var i = 0; i < FollowUps; i++)
        {
            work.Add(ForeverAsync(FollowUpAsync, over));
        }
        return Task.WhenAll(work);
    }

    /// <summary>Sends one letter and returns when it has its receipt, however often that takes.</summary>
    public async Task SendAsync(Letter letter, CancellationToken cancellation)
    {
        var package = letter.Signed();
        var sent = new SentLetter(
            letter.DocumentId,
            Sha256Of(package),
            letter.To,
            _plan.SendDoor,
            OpenLetters.Now
        );
        Ledger.Sent[sent.DocumentId] = sent;
        _open.Begin(sent);
        try
        {
            if (await SubmitAsync(package, letter.DocumentId, cancellation) is { } receipt)
            {
                sent.Deliveries = receipt
                    .GetProperty("deliveries")
                    .EnumerateArray()
                    .ToDictionary(
                        one => one.GetProperty("recipient").GetString()!,
                        one => one.GetProperty("deliveryId").GetGuid(),
                        StringComparer.Ordinal
                    );
                sent.PackageId = receipt.GetProperty("packageId").GetGuid();
            }
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            Ledger.Complaints.Enqueue($"{letter.DocumentId} could not be sent: {failure}");
        }
        if (sent.PackageId is not null)
        {
            _open.Accepted(sent.DocumentId);
        }
    }

    /// <summary>Sends what the hub must refuse, and must survive.</summary>
    public async Task SendPoisonAsync(string what, byte[] bytes, CancellationToken cancellation)
    {
        if (_plan.SendDoor == DoorNames.Http)
        {
            var answer = await _http.PostAsync(
                "v1/packages",
                bytes,
                "application/xml",
                cancellation
            );
            JudgePoison(what, answer.IsSuccess, answer.Text);
            return;
        }
        var received = await _amqp.SubmitAsync(bytes, cancellation);
        JudgePoison(what, received.Type != "axis.problem", received.Json.ToString());
    }

    private void JudgePoison(string what, bool accepted, string answer)
    {
        if (accepted)
        {
            Ledger.Complaints.Enqueue($"{what} was accepted: {answer}");
            return;
        }
        Ledger.PoisonRefused();
    }

    /// <summary>The receipt; null when it was refused.</summary>
    private async Task<JsonElement?> SubmitAsync(
        byte[] package,
        string what,
        CancellationToken cancellation
    )
    {
        if (_plan.SendDoor == DoorNames.Http)
        {
            var answer = await _http.PostAsync(
                "v1/packages",
                package,
                "application/xml",
                cancellation,
                Ledger.SubmittedAgain
            );
            return answer.Status is HttpStatusCode.Created or HttpStatusCode.OK
                ? answer.Json
                : Refused(what, answer.Text);
        }
        var received = await _amqp.SubmitAsync(package, cancellation);
        return received.Type == "axis.receipt"
            ? received.Json
            : Refused(what, received.Json.ToString());
    }

    private JsonElement? Refused(string what, string answer)
    {
        Ledger.Complaints.Enqueue($"{what} was refused: {answer}");
        return null;
    }

    private async Task CollectAsync(CancellationToken over)
    {
        var list = await _http.GetAsync("v1/inbox?limit=500&wait=5", over);
        if (!list.IsSuccess)
        {
            Ledger.Complaints.Enqueue($"The inbox could not be listed: {list.Text}");
            return;
        }
        var fresh = 0;
        foreach (var item in list.Json.GetProperty("items").EnumerateArray())
        {
            var deliveryId = item.GetProperty("deliveryId").GetGuid();
            if (Ledger.Received.TryGetValue(deliveryId, out var known))
            {
                // In the list until it is acknowledged, which is no repeat on the wire.
                continue;
            }
            fresh++;
            if (Chance(0.03))
            {
                await _http.BreakOffAsync($"v1/inbox/{deliveryId}/content", over);
            }
            var content = await ContentAsync($"v1/inbox/{deliveryId}/content", over);
            Save(
                deliveryId,
                item.GetProperty("documentId").GetString()!,
                item.GetProperty("recipient").GetString()!,
                item.GetProperty("sender").GetString()!,
                content.Body
            );
        }
        if (fresh == 0)
        {
            // What is listed is known and its acknowledgement on the way: no need to ask at once.
            await Pause.AtMostAsync(TimeSpan.FromMilliseconds(300), over);
        }
    }

    private async Task ReceiveAsync(Received message, CancellationToken over)
    {
        var body = message.Body;
        if (message.ContentType == "application/vnd.axis.claim+json")
        {
            var path = message.Json.GetProperty("path").GetString()!.TrimStart('/');
            body = (await ContentAsync(path, over)).Body;
        }
        Save(
            Guid.Parse(message.MessageId),
            message.Header("x-axis-document-id")!,
            message.Header("x-axis-recipient")!,
            message.Header("x-axis-sender")!,
            body
        );
    }

    private async Task<HubAnswer> ContentAsync(string path, CancellationToken over)
    {
        var content = await _http.GetAsync(path, over);
        if (!content.IsSuccess)
        {
            Ledger.Complaints.Enqueue($"{path} could not be fetched: {content.Text}");
        }
        return content;
    }

    private void Save(
        Guid deliveryId,
        string documentId,
        string recipient,
        string sender,
        byte[] bytes
    )
    {
        var letter = new ReceivedLetter(deliveryId, documentId, recipient, sender, Sha256Of(bytes));
        var first = Ledger.Received.GetOrAdd(deliveryId, letter);
        if (first != letter)
        {
            first.Again();
            if (first.Sha256 != letter.Sha256)
            {
                Ledger.Complaints.Enqueue($"{deliveryId} came again with other bytes");
            }
            return;
        }
        _open.Arrived(documentId);
        _toReport.Writer.TryWrite(letter);
    }

    private async Task FollowUpAsync(CancellationToken over)
    {
        var letter = await _toReport.Reader.ReadAsync(over);
        if (_plan.Acknowledges)
        {
            await AcknowledgeAsync(letter, over);
            if (Chance(0.05))
            {
                await AcknowledgeAsync(letter, over);
            }
        }
        else
        {
            while (!IsClosing)
            {
                await Pause.ForAsync(TimeSpan.FromSeconds(1), over);
            }
            await AcknowledgeAsync(letter, over);
        }
        foreach (var status in Audit.Statuses)
        {
            var report = new Report(Code, status, letter.Sender, letter.DocumentId).Bytes();
            if (await SubmitAsync(report, $"{status} on {letter.DocumentId}", over) is not null)
            {
                letter.Report(status, Sha256Of(report));
            }
        }
    }

    private async Task AcknowledgeAsync(ReceivedLetter letter, CancellationToken over)
    {
        if (_plan.InboxDoor == DoorNames.Amqp && !Chance(0.1))
        {
            await _amqp.AcknowledgeAsync(letter.DeliveryId, over);
        }
        else
        {
            var answer = await _http.PostAsync(
                $"v1/inbox/{letter.DeliveryId}/ack",
                [],
                "application/json",
                over
            );
            if (!answer.IsSuccess)
            {
                Ledger.Complaints.Enqueue(
                    $"{letter.DeliveryId} could not be acknowledged: {answer.Text}"
                );
                return;
            }
        }
        letter.IsAcknowledged = true;
    }

    private async Task ListenAsync(CancellationToken over)
    {
        var list = await _http.GetAsync("v1/events?limit=200&wait=5", over);
        if (!list.IsSuccess)
        {
            Ledger.Complaints.Enqueue($"Events could not be listed: {list.Text}");
            return;
        }
        var ids = new List<string>();
        foreach (var item in list.Json.GetProperty("items").EnumerateArray())
        {
            var id = item.GetProperty("id").GetString()!;
            Ledger.Hear(item.GetProperty("data"), id);
            ids.Add(id);
        }
        if (ids.Count > 0)
        {
            await _http.PostAsync(
                "v1/events/ack",
                JsonSerializer.SerializeToUtf8Bytes(new { ids }),
                "application/json",
                over
            );
        }
    }

    private async Task ForeverAsync(Func<CancellationToken, Task> once, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await once(over);
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Ledger.Complaints.Enqueue($"The office system itself failed: {failure}");
            }
        }
    }

    private bool Chance(double probability)
    {
        lock (_habits)
        {
            return _habits.NextDouble() < probability;
        }
    }

    private static string Sha256Of(byte[] bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(bytes));
}
