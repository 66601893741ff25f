using System.Globalization;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Broker;

/// <summary>
/// Publishes and reports, message by message, what the broker said. Calls may overlap: they share one channel, and the
/// broker confirms them in bulk. A channel that misbehaves or is refused something is given up, and the next call gets a new one.
/// </summary>
/// <remarks>
/// Nobody waits until a channel that was given up is closed: the broker's side of it may stand in front of a queue that
/// does not answer, and the loop that published would stand there too, with the messages of everybody else.
/// </remarks>
public sealed class ConfirmedPublisher(
    IConfirmingChannels connection,
    QueueSuspicions suspicions,
    IOptions<BrokerOptions> options
) : IAsyncDisposable
{
    private static readonly PublishResult Confirmed = new PublishResult.Confirmed();
    private static readonly PublishResult NoSuchQueue = new PublishResult.NoSuchQueue();

    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly Lock _lock = new();
    private SharedChannel? _current;

    public async Task<IReadOnlyList<PublishResult>> PublishAsync(
        IReadOnlyList<OutgoingMessage> messages,
        CancellationToken cancellationToken
    )
    {
        var shared = await BeginAsync(cancellationToken);
        try
        {
            var outcomes = new Task<PublishResult>[messages.Count];
            for (var i = 0; i < messages.Count; i++)
            {
                outcomes[i] = PublishOneAsync(shared.Channel, messages[i]);
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
                _ = Drop(shared);
            }
            else if (results.Any(result => result is PublishResult.Refused))
            {
                Retire(shared);
            }
            return results;
        }
        finally
        {
            End(shared);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_current is { } shared)
        {
            await Drop(shared);
        }
        _opening.Dispose();
    }

    private async Task<SharedChannel> BeginAsync(CancellationToken cancellationToken)
    {
        if (TryJoin() is { } open)
        {
            return open;
        }
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (TryJoin() is { } opened)
            {
                return opened;
            }
            var shared = new SharedChannel(
                await connection.OpenConfirmingChannelAsync(cancellationToken)
            );
            lock (_lock)
            {
                shared.Calls = 1;
                _current = shared;
            }
            return shared;
        }
        finally
        {
            _opening.Release();
        }
    }

    private SharedChannel? TryJoin()
    {
        lock (_lock)
        {
            if (_current is not { Channel.IsOpen: true } open)
            {
                return null;
            }
            open.Calls++;
            return open;
        }
    }

    /// <summary>
    /// The channel takes no further call, and goes when those under way have ended. A quorum queue tells each channel
    /// when it is full and when there is room again; when its limit is lifted it tells nothing, so a channel that was
    /// refused once may be refused for ever (RabbitMQ 3.10).
    /// </summary>
    private void Retire(SharedChannel shared)
    {
        lock (_lock)
        {
            shared.IsRetired = true;
            if (_current == shared)
            {
                _current = null;
            }
        }
    }

    private void End(SharedChannel shared)
    {
        bool isLast;
        lock (_lock)
        {
            isLast = --shared.Calls == 0 && shared is { IsRetired: true, IsDropped: false };
        }
        if (isLast)
        {
            _ = DisposeAsync(shared.Channel);
        }
    }

    /// <summary>The channel ends, and with it the calls that share it. The task is done when it is closed.</summary>
    private Task Drop(SharedChannel shared)
    {
        lock (_lock)
        {
            if (shared.IsDropped)
            {
                return Task.CompletedTask;
            }
            shared.IsDropped = true;
        }
        Retire(shared);
        return DisposeAsync(shared.Channel);
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

    private static async Task DisposeAsync(IChannel channel)
    {
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

    private sealed class SharedChannel(IChannel channel)
    {
        public IChannel Channel { get; } = channel;

        /// <summary>Calls under way.</summary>
        public int Calls { get; set; }

        public bool IsRetired { get; set; }

        /// <summary>It is being closed, by whoever gave it up.</summary>
        public bool IsDropped { get; set; }
    }
}
