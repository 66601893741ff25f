using System.Globalization;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Broker;

/// <summary>
/// Publishes and reports, message by message, what the broker said. Calls may overlap: they share one channel, and the
/// broker confirms them in bulk. A channel that misbehaves is dropped and the next call gets a new one.
/// </summary>
public sealed class ConfirmedPublisher(
    BrokerConnection connection,
    QueueSuspicions suspicions,
    IOptions<BrokerOptions> options
) : IAsyncDisposable
{
    private static readonly PublishResult Confirmed = new PublishResult.Confirmed();
    private static readonly PublishResult NoSuchQueue = new PublishResult.NoSuchQueue();

    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile IChannel? _channel;

    public async Task<IReadOnlyList<PublishResult>> PublishAsync(
        IReadOnlyList<OutgoingMessage> messages,
        CancellationToken cancellationToken
    )
    {
        var channel = await GetChannelAsync(cancellationToken);
        var outcomes = new Task<PublishResult>[messages.Count];
        for (var i = 0; i < messages.Count; i++)
        {
            outcomes[i] = PublishOneAsync(channel, messages[i]);
        }
        var results = await Task.WhenAll(outcomes);
        for (var i = 0; i < results.Length; i++)
        {
            // What goes through an exchange says nothing about one queue.
            if (messages[i].Exchange is null)
            {
                suspicions.Note(messages[i].Queue, results[i]);
            }
        }
        if (results.Any(result => result is PublishResult.Unanswered or PublishResult.Lost))
        {
            await DropAsync(channel);
        }
        return results;
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
        {
            await DropAsync(channel);
        }
        _opening.Dispose();
    }

    private async Task<IChannel> GetChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } open)
        {
            return open;
        }
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_channel is not { IsOpen: true })
            {
                _channel = await connection.OpenConfirmingChannelAsync(cancellationToken);
            }
            return _channel;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<PublishResult> PublishOneAsync(IChannel channel, OutgoingMessage message)
    {
        var properties = new BasicProperties
        {
            MessageId = message.MessageId,
            Type = message.Type,
            ContentType = message.ContentType,
            CorrelationId = message.CorrelationId,
            DeliveryMode = DeliveryModes.Persistent,
            AppId = "axis",
            Expiration = message.Expiration is { } pause
                ? ((long)pause.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
                : null,
            Headers = message.Headers is null
                ? null
                : new Dictionary<string, object?>(message.Headers),
        };
        try
        {
            // No token goes into the publish: cancelling it midway would break the sequence of confirms.
            // The time limit is kept from outside and costs the channel.
            await channel
                .BasicPublishAsync(
                    message.Exchange ?? "",
                    message.Queue,
                    mandatory: true,
                    properties,
                    message.Body,
                    CancellationToken.None
                )
                .AsTask()
                .WaitAsync(options.Value.ConfirmTimeout);
            return Confirmed;
        }
        catch (PublishException refused) when (refused.IsReturn)
        {
            return NoSuchQueue;
        }
        catch (PublishException)
        {
            return new PublishResult.Refused("the broker refused the message (nack)");
        }
        catch (TimeoutException)
        {
            var reason = $"no confirm within {options.Value.ConfirmTimeout}";
            return connection.IsServing
                ? new PublishResult.Unanswered(reason)
                : new PublishResult.Lost(reason);
        }
        catch (Exception failure)
        {
            // Whatever it was, the broker did not confirm; the messages beside it keep their own outcome.
            return new PublishResult.Lost(failure.Message);
        }
    }

    private async Task DropAsync(IChannel channel)
    {
        Interlocked.CompareExchange(ref _channel, null, channel);
        try
        {
            await channel.DisposeAsync();
        }
        catch (Exception)
        {
            // The channel is given up because it failed; how it fails to close changes nothing. An overdue close
            // comes as a cancellation.
            return;
        }
    }
}
