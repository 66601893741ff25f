using System.Collections.Concurrent;
using System.Text;
using Axis.Benchmarks.Traffic;
using Axis.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Axis.Benchmarks;

/// <summary>
/// The receiver, which takes its letters over AMQP and may report on each: the next report when the receipt of the
/// one before is there. And the sender, which reads what comes back to it.
/// </summary>
internal sealed class ReportingRecipient : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> Statuses = ["01", "03", "06"];

    private readonly AmqpListener _receiver;
    private readonly AmqpListener _sender;
    private readonly ConcurrentDictionary<string, byte> _seen = new(StringComparer.Ordinal);
    private Countdown _done = new(0);
    private bool _reports;

    private ReportingRecipient(AmqpListener receiver, AmqpListener sender)
    {
        _receiver = receiver;
        _sender = sender;
    }

    public static async Task<ReportingRecipient> ConnectAsync(TestHub hub)
    {
        var recipient = new ReportingRecipient(
            await AmqpListener.ConnectAsync(hub, TwoOffices.ReceiverSystem),
            await AmqpListener.ConnectAsync(hub, TwoOffices.SenderSystem)
        );
        await recipient._receiver.ListenAsync(
            $"axis.inbox.{TwoOffices.ReceiverSystem}",
            recipient.TakeAsync
        );
        await recipient._receiver.ListenAsync(
            $"axis.events.{TwoOffices.ReceiverSystem}",
            recipient.GoOnAsync
        );
        await recipient._sender.ListenAsync(
            $"axis.events.{TwoOffices.SenderSystem}",
            recipient.HearAsync
        );
        return recipient;
    }

    /// <summary>Ends when as many letters have come, or their last reports are with the sender.</summary>
    public Countdown Expect(int letters, bool reports)
    {
        _reports = reports;
        return _done = new Countdown(letters);
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _sender.DisposeAsync();
    }

    private Task TakeAsync(BasicDeliverEventArgs message)
    {
        if (!_reports)
        {
            // What comes twice is one letter.
            if (_seen.TryAdd(message.BasicProperties.MessageId!, 0))
            {
                _done.Count();
            }
            return Task.CompletedTask;
        }
        var documentId = Encoding.UTF8.GetString(
            (byte[])message.BasicProperties.Headers!["x-axis-document-id"]!
        );
        return ReportAsync(documentId, 0);
    }

    // The receipt of a report names the message it answers: the letter, and which of its reports that was.
    private Task GoOnAsync(BasicDeliverEventArgs message)
    {
        if (message.BasicProperties is not { Type: "axis.receipt", CorrelationId: { } answered })
        {
            throw new InvalidOperationException(
                $"{message.BasicProperties.Type}: {Encoding.UTF8.GetString(message.Body.Span)}"
            );
        }
        var next = answered[0] - '0' + 1;
        return next < Statuses.Count ? ReportAsync(answered[2..], next) : Task.CompletedTask;
    }

    private Task HearAsync(BasicDeliverEventArgs message)
    {
        if (
            message.Body.Span.IndexOf("\"status\":\"06\""u8) >= 0
            && _seen.TryAdd(message.BasicProperties.MessageId!, 0)
        )
        {
            _done.Count();
        }
        return Task.CompletedTask;
    }

    // The confirm is not waited for: the receipt says more.
    private Task ReportAsync(string documentId, int status)
    {
        var report = new Report(
            TwoOffices.Receiver,
            Statuses[status],
            TwoOffices.Sender,
            documentId
        );
        _ = _receiver
            .Publishing.BasicPublishAsync(
                "axis.submit",
                $"submit.{TwoOffices.ReceiverSystem}",
                mandatory: true,
                new BasicProperties
                {
                    MessageId = $"{status}:{documentId}",
                    DeliveryMode = DeliveryModes.Persistent,
                },
                report.Bytes()
            )
            .AsTask();
        return Task.CompletedTask;
    }
}
