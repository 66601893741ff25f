using System.Text;
using System.Text.Json;
using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake;

/// <summary>
/// The AMQP front door. A submission leaves the queue only after its answer is confirmed on the sender's event queue:
/// a crash in between hands it out again, and the repeat gets the first receipt.
/// </summary>
public sealed class SubmissionQueue(
    QueueConsumer consumer,
    ConfirmedPublisher answers,
    SubmitPackage submit,
    InboxStore inbox,
    RegistryCache registry,
    HubMetrics metrics,
    IOptions<IntakeOptions> intake,
    IOptions<BrokerOptions> broker,
    ILogger<SubmissionQueue> log
) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        consumer.RunAsync(
            Topology.Submissions,
            (ushort)broker.Value.SubmissionPrefetch,
            HandleAsync,
            stoppingToken
        );

    private async Task<Disposition> HandleAsync(
        IncomingMessage message,
        CancellationToken cancellationToken
    )
    {
        // The broker asked the hub before it let this routing key pass, so it names the sender truly.
        if (message.RoutingKey.StartsWith(Topology.SubmitPrefix, StringComparison.Ordinal))
        {
            return
                registry.Current.OfficeSystem(message.RoutingKey[Topology.SubmitPrefix.Length..])
                    is { } sender
                ? await SubmitAsync(sender, message, cancellationToken)
                : Unknown(message);
        }
        if (message.RoutingKey.StartsWith(Topology.AckPrefix, StringComparison.Ordinal))
        {
            return
                registry.Current.OfficeSystem(message.RoutingKey[Topology.AckPrefix.Length..])
                    is { } recipient
                ? await AcknowledgeAsync(recipient, message, cancellationToken)
                : Unknown(message);
        }
        return Unknown(message);
    }

    private async Task<Disposition> SubmitAsync(
        OfficeSystem sender,
        IncomingMessage message,
        CancellationToken cancellationToken
    )
    {
        var limits = intake.Value.ToReadLimits();
        if (message.Body.IsEmpty)
        {
            return await AnswerAsync(
                sender,
                message,
                Problem.Of(RequestErrors.Empty.At()),
                cancellationToken
            );
        }
        await using var spool = PackageSpool.Receive(message.Body, limits);
        if (spool is null)
        {
            return await AnswerAsync(
                sender,
                message,
                Problem.Of(RequestErrors.TooLarge.At(null, null, limits.MaxBytes)),
                cancellationToken
            );
        }
        return await submit.SubmitAsync(sender, Door.Amqp, spool, null, cancellationToken) switch
        {
            SubmissionOutcome.Accepted accepted => await AnswerAsync(
                sender,
                message,
                "axis.receipt",
                "application/json",
                Encoding.UTF8.GetBytes(accepted.ReceiptJson),
                cancellationToken
            ),
            SubmissionOutcome.Refused refused => await AnswerAsync(
                sender,
                message,
                Problem.Of(refused.Errors),
                cancellationToken
            ),
            // Busy: back to the queue, which is the right place to wait.
            _ => Disposition.PutBack,
        };
    }

    private async Task<Disposition> AcknowledgeAsync(
        OfficeSystem recipient,
        IncomingMessage message,
        CancellationToken cancellationToken
    )
    {
        var ids = ReadIds(message.Body.Span);
        if (ids is null)
        {
            return await AnswerAsync(
                recipient,
                message,
                Problem.Of(
                    RequestErrors.Malformed.At(null, null, "{\"deliveryIds\":[...]} was expected")
                ),
                cancellationToken
            );
        }
        var mine = await inbox.AcknowledgeAsync(recipient.Id, ids, Door.Amqp, cancellationToken);
        metrics.DeliveriesCollected(Door.Amqp, mine.Count);
        var foreign = ids.Where(id => !mine.Contains(id)).ToArray();
        return foreign.Length == 0
            ? Disposition.Done
            : await AnswerAsync(
                recipient,
                message,
                Problem.Of([
                    .. foreign.Select(id =>
                        RequestErrors.NotFound.At("deliveryIds", id.ToString(), "delivery")
                    ),
                ]),
                cancellationToken
            );
    }

    private static Guid[]? ReadIds(ReadOnlySpan<byte> body)
    {
        try
        {
            var ids = JsonSerializer.Deserialize<DeliveryIds>(body, HubJson.Options)?.Ids;
            return ids is { Length: > 0 and <= Page.MaxLimit } ? ids : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private Task<Disposition> AnswerAsync(
        OfficeSystem to,
        IncomingMessage message,
        Problem problem,
        CancellationToken cancellationToken
    ) =>
        AnswerAsync(
            to,
            message,
            "axis.problem",
            Problem.MediaType,
            JsonSerializer.SerializeToUtf8Bytes(problem, HubJson.Options),
            cancellationToken
        );

    private async Task<Disposition> AnswerAsync(
        OfficeSystem to,
        IncomingMessage message,
        string type,
        string contentType,
        byte[] body,
        CancellationToken cancellationToken
    )
    {
        var answer = new OutgoingMessage(
            Topology.Events(to.Id),
            Guid.CreateVersion7().ToString(),
            type,
            contentType,
            body,
            CorrelationId: message.MessageId
        );
        var result = (await answers.PublishAsync([answer], cancellationToken))[0];
        if (result is PublishResult.NoSuchQueue)
        {
            await answers.DeclareOfficeSystemAsync(to.Id, cancellationToken);
            result = (await answers.PublishAsync([answer], cancellationToken))[0];
        }
        return result is PublishResult.Confirmed ? Disposition.Done : Disposition.PutBack;
    }

    // The office system was removed after the broker let the message pass; there is nobody left to answer.
    private Disposition Unknown(IncomingMessage message)
    {
        log.LogError(
            "A submission with routing key {RoutingKey} belongs to no office system",
            message.RoutingKey
        );
        return Disposition.PutBack;
    }

    private sealed record DeliveryIds(
        [property: System.Text.Json.Serialization.JsonPropertyName("deliveryIds")] Guid[]? Ids
    );
}
