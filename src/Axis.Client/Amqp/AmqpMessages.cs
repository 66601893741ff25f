using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Axis.Client;

/// <summary>An event from the event queue.</summary>
public sealed class AmqpEvent
{
    private readonly IChannel _channel;
    private readonly ulong _tag;

    internal AmqpEvent(IChannel channel, ulong tag, CloudEvent @event) =>
        (_channel, _tag, Event) = (channel, tag, @event);

    public CloudEvent Event { get; }

    /// <summary>Takes it off the queue. One whose channel is gone by then is there again, and comes again.</summary>
    public ValueTask AcknowledgeAsync() => AxisAmqpClient.SettleAsync(_channel, _tag);
}

/// <summary>A document from an inbox queue: inline, or a claim check to be fetched over HTTP.</summary>
public sealed class AmqpDelivery
{
    private const string ClaimType = "application/vnd.axis.claim+json";

    private readonly AxisAmqpClient _client;
    private readonly IChannel _channel;
    private readonly ulong _tag;
    private readonly byte[]? _content;
    private readonly string? _path;

    private AmqpDelivery(
        AxisAmqpClient client,
        IChannel channel,
        ulong tag,
        byte[]? content,
        string? path
    )
    {
        _client = client;
        _channel = channel;
        _tag = tag;
        _content = content;
        _path = path;
    }

    /// <summary>Stable over redelivery: deduplicate by it.</summary>
    public required Guid DeliveryId { get; init; }
    public required Guid PackageId { get; init; }
    public required string DocumentId { get; init; }

    /// <summary>new, recall, update or replace.</summary>
    public required string Business { get; init; }
    public required string Sender { get; init; }
    public required string Recipient { get; init; }

    /// <summary>Who receives in the place of the agency named, such as H41.05; by=H37.05; kind=merged; since=…</summary>
    public string? Substitution { get; init; }
    public required string Sha256 { get; init; }
    public required long Size { get; init; }
    public required int Priority { get; init; }

    /// <summary>Too large to travel inline.</summary>
    public bool IsClaimCheck => _path is not null;

    /// <summary>The package as its sender submitted it, checked against <see cref="Sha256"/>.</summary>
    /// <param name="http">Fetches what did not travel inline; may be null where nothing is that large.</param>
    /// <param name="cancellation">Ends the download.</param>
    /// <exception cref="InvalidDataException">The bytes are not those the hub announced.</exception>
    public async Task<byte[]> ReadContentAsync(
        AxisHttpClient? http,
        CancellationToken cancellation = default
    )
    {
        var content = _content ?? await FetchAsync(http, cancellation);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        return sha256 == Sha256
            ? content
            : throw new InvalidDataException(
                $"Delivery {DeliveryId} is damaged: its SHA-256 is {sha256}."
            );
    }

    /// <summary>
    /// To be called after the document is stored: tells the hub, then takes the message off the queue. In between a
    /// crash leads to a repeat, never to a loss.
    /// </summary>
    public async Task AcknowledgeAsync(CancellationToken cancellation = default)
    {
        await _client.AcknowledgeAsync([DeliveryId], cancellation);
        await TakeAsync();
    }

    /// <summary>Only takes the message off the queue; for those who report status 01 next.</summary>
    public ValueTask TakeAsync() => AxisAmqpClient.SettleAsync(_channel, _tag);

    internal static AmqpDelivery Read(
        AxisAmqpClient client,
        IChannel channel,
        BasicDeliverEventArgs message
    )
    {
        var properties = message.BasicProperties;
        var isClaim = properties.ContentType == ClaimType;
        var path = isClaim
            ? JsonSerializer.Deserialize(message.Body.Span, AxisJson.Default.ClaimCheck)!.Path
            : null;
        string Header(string name) =>
            properties.Headers?.TryGetValue(name, out var value) == true ? Text(value) : "";

        return new AmqpDelivery(
            client,
            channel,
            message.DeliveryTag,
            isClaim ? null : message.Body.ToArray(),
            path
        )
        {
            DeliveryId = Guid.Parse(properties.MessageId!),
            PackageId = Guid.Parse(Header("x-axis-package-id")),
            DocumentId = Header("x-axis-document-id"),
            Business = Header("x-axis-business"),
            Sender = Header("x-axis-sender"),
            Recipient = Header("x-axis-recipient"),
            Substitution = Header("x-axis-substitution") is { Length: > 0 } other ? other : null,
            Sha256 = Header("x-axis-sha256"),
            Size = Number(Header("x-axis-size")),
            Priority = (int)Number(Header("x-axis-priority")),
        };
    }

    private async Task<byte[]> FetchAsync(AxisHttpClient? http, CancellationToken cancellation)
    {
        if (http is null)
        {
            throw new InvalidOperationException(
                "A claim check is fetched over HTTP: give the HTTP client."
            );
        }

        using var buffer = new MemoryStream();
        await http.DownloadAsync(_path!, buffer, cancellation);
        return buffer.ToArray();
    }

    /// <summary>AMQP strings come as bytes.</summary>
    private static string Text(object? value) =>
        value is byte[] bytes
            ? Encoding.UTF8.GetString(bytes)
            : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static long Number(string text) =>
        long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
