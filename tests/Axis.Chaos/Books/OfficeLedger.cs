using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace Axis.Chaos.Books;

/// <summary>A letter as its sender wrote it down.</summary>
public sealed record SentLetter(
    string DocumentId,
    string Sha256,
    IReadOnlyList<string> Recipients,
    string Door,
    long BegunAt
)
{
    /// <summary>From the receipt; null until there is one.</summary>
    public Guid? PackageId { get; set; }

    /// <summary>From the receipt: the delivery to each recipient.</summary>
    public IReadOnlyDictionary<string, Guid> Deliveries { get; set; } =
        new Dictionary<string, Guid>();
}

/// <summary>A delivery as its recipient wrote it down.</summary>
public sealed class ReceivedLetter(
    Guid deliveryId,
    string documentId,
    string recipient,
    string sender,
    string sha256
)
{
    private readonly ConcurrentDictionary<string, string> _reported = new(StringComparer.Ordinal);
    private int _times = 1;

    public Guid DeliveryId => deliveryId;
    public string DocumentId => documentId;
    public string Recipient => recipient;
    public string Sender => sender;

    /// <summary>Of the bytes as they came.</summary>
    public string Sha256 => sha256;

    /// <summary>How often it came over the wire.</summary>
    public int Times => _times;

    public bool IsAcknowledged { get; set; }

    /// <summary>The statuses about it that the hub accepted.</summary>
    public IReadOnlyCollection<string> Reported => _reported.Keys.ToArray();

    /// <summary>SHA-256 of the report that brought a status; null when there was none.</summary>
    public string? ReportOf(string status) => _reported.GetValueOrDefault(status);

    public void Again() => Interlocked.Increment(ref _times);

    public void Report(string status, string sha256) => _reported[status] = sha256;
}

/// <summary>
/// What one office system knows from its own work alone. Nothing in it comes from another office system or from the
/// hub's own tables.
/// </summary>
public sealed class OfficeLedger
{
    private int _repeatedSubmissions;
    private int _repeatedEvents;
    private int _repeatedAnswers;
    private int _refusedPoison;

    public ConcurrentDictionary<string, SentLetter> Sent { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<Guid, ReceivedLetter> Received { get; } = new();

    /// <summary>
    /// By delivery and status, the ids of the events that told of it, each with the SHA-256 of the report it carried.
    /// </summary>
    public ConcurrentDictionary<
        (Guid DeliveryId, string Status),
        ConcurrentDictionary<string, string?>
    > Heard { get; } = new();

    /// <summary>What must not happen, in words.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public int RepeatedSubmissions => _repeatedSubmissions;
    public int RepeatedEvents => _repeatedEvents;
    public int RepeatedAnswers => _repeatedAnswers;
    public int RefusedPoison => _refusedPoison;

    public void SubmittedAgain() => Interlocked.Increment(ref _repeatedSubmissions);

    public void AnsweredAgain() => Interlocked.Increment(ref _repeatedAnswers);

    public void PoisonRefused() => Interlocked.Increment(ref _refusedPoison);

    /// <param name="data">Of the event.</param>
    public void Hear(JsonElement data, string eventId) =>
        Hear(
            data.GetProperty("deliveryId").GetGuid(),
            data.GetProperty("status").GetString()!,
            eventId,
            data.TryGetProperty("statusPackage", out var package)
            && package.ValueKind == JsonValueKind.String
                ? Convert.ToHexStringLower(SHA256.HashData(package.GetBytesFromBase64()))
                : null
        );

    public void Hear(Guid deliveryId, string status, string eventId, string? reportSha256)
    {
        var ids = Heard.GetOrAdd((deliveryId, status), _ => new(StringComparer.Ordinal));
        if (!ids.TryAdd(eventId, reportSha256))
        {
            Interlocked.Increment(ref _repeatedEvents);
        }
    }
}
