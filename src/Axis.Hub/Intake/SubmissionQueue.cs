using System.Text;
using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Access.Limits;
using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake;

/// <summary>
/// The AMQP front door. A submission leaves the queue only after its answer is confirmed on the sender's event queue:
/// a crash in between hands it out again, and the repeat gets the first receipt. A sender whose event queue takes no
/// answer has its submissions come again later, and holds up nobody else.
/// </summary>
public sealed class SubmissionQueue(
    QueueConsumer consumer,
    Answers answers,
    ConfirmedPublisher aside,
    SubmitPackage submit,
    InboxStore inbox,
    RequestLimits quota,
    RegistryCache registry,
    LastSeen seen,
    HubMetrics metrics,
    Drain drain,
    IOptions<IntakeOptions> intake,
    IOptions<LimitOptions> limitOptions,
    IOptions<BrokerOptions> broker,
    TimeOrderedIds ids,
    TimeProvider clock,
    ICrashPoints crash,
    ILogger<SubmissionQueue> log
) : BackgroundService
{
    /// <summary>
    /// Marks what was handled and has no answer yet. Who writes it himself only lets his own submission wait until his
    /// event queue takes answers.
    /// </summary>
    private const string AnswerIsDue = "x-axis-answer-due";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private enum Attempt
    {
        Done,

        /// <summary>Nothing is wrong with the message; the hub or its surroundings could not take it now.</summary>
        Later,

        /// <summary>It cannot be handled at all: the delivery limit of the queue sets it aside.</summary>
        Poison,
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A node that is about to leave takes nothing new; what it has in hand is answered.
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(
            stoppingToken,
            drain.Started
        );
        await consumer.RunAsync(
            Topology.Submissions,
            (ushort)broker.Value.SubmissionPrefetch,
            HandleAsync,
            leaving.Token
        );
    }

    /// <summary>
    /// A fault of the surroundings is waited out here, with the message in hand: giving it back would count against
    /// its delivery limit, and an outage of the database would end with every submission set aside as poison.
    /// </summary>
    private async Task<Disposition> HandleAsync(IncomingMessage message, CancellationToken useless)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            switch (await TryHandleAsync(message))
            {
                case Attempt.Done:
                    return Disposition.Done;
                case Attempt.Poison:
                    return Disposition.PutBack;
            }
            if (useless.IsCancellationRequested)
            {
                return Disposition.PutBack;
            }
            await Task.Delay(pause, clock, useless)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Attempt> TryHandleAsync(IncomingMessage message)
    {
        try
        {
            // The broker asked the hub before it let this routing key pass, so it names the sender truly.
            if (
                SystemOf(message.RoutingKey, Topology.SubmitPrefix) is { } sender
                && registry.Current.OfficeSystem(sender) is { } submitting
            )
            {
                seen.Note(sender, Door.Amqp, remote: null);
                return CannotBeAnswered(sender, message)
                    ? await PutOffAsync(message, CancellationToken.None)
                    : await SubmitAsync(submitting, message, CancellationToken.None);
            }
            if (
                SystemOf(message.RoutingKey, Topology.AckPrefix) is { } recipient
                && registry.Current.OfficeSystem(recipient) is { } acknowledging
            )
            {
                seen.Note(recipient, Door.Amqp, remote: null);
                return CannotBeAnswered(recipient, message)
                    ? await PutOffAsync(message, CancellationToken.None)
                    : await AcknowledgeAsync(acknowledging, message, CancellationToken.None);
            }
            // The office system was removed after the broker let the message pass; there is nobody left to answer.
            log.LogError(
                "A message with routing key {RoutingKey} belongs to no office system",
                message.RoutingKey
            );
            return Attempt.Poison;
        }
        catch (Exception failure) when (StoreFaults.MayPass(failure))
        {
            log.LogWarning("A submission waits for the store: {Failure}", failure.Message);
            return Attempt.Later;
        }
        catch (Exception failure)
            when (message.TimesPutBack >= broker.Value.SubmissionDeliveryLimit)
        {
            log.LogError(failure, "A message of {RoutingKey} is set aside", message.RoutingKey);
            return await GiveUpAsync(message, CancellationToken.None);
        }
    }

    /// <summary>
    /// The hub has failed at it as often as it may. Its sender hears so now: what is put back once more goes to the queue
    /// of the dead, and there nobody answers it.
    /// </summary>
    private async Task<Attempt> GiveUpAsync(
        IncomingMessage message,
        CancellationToken cancellationToken
    )
    {
        var owner =
            SystemOf(message.RoutingKey, Topology.SubmitPrefix)
            ?? SystemOf(message.RoutingKey, Topology.AckPrefix);
        return owner is not null && registry.Current.OfficeSystem(owner) is { } sender
            ? await AnswerAsync(
                sender,
                message,
                Problem.Of(HubErrors.SetAside.At(null, null, message.TimesPutBack + 1)),
                cancellationToken,
                told: Attempt.Poison
            )
            : Attempt.Poison;
    }

    // Handling it again, only to find the queue still shut, would cost as much as a new one, every few seconds.
    private bool CannotBeAnswered(string officeSystemId, IncomingMessage message) =>
        message.Headers.ContainsKey(AnswerIsDue) && answers.IsHopeless(officeSystemId);

    private static string? SystemOf(string routingKey, string prefix) =>
        routingKey.StartsWith(prefix, StringComparison.Ordinal)
            ? routingKey[prefix.Length..]
            : null;

    private async Task<Attempt> SubmitAsync(
        OfficeSystem sender,
        IncomingMessage message,
        CancellationToken cancellationToken
    )
    {
        if (!quota.TryTake(sender, out _))
        {
            return await PutOffAsync(
                message,
                Topology.LaterExchange,
                expiration: null,
                cancellationToken
            );
        }
        var limits = intake.Value.ToReadLimits(sender);
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
            SubmissionOutcome.OverQuota => await PutOffAsync(
                message,
                Topology.OverQuotaExchange,
                limitOptions.Value.QuotaPause,
                cancellationToken
            ),
            _ => Attempt.Later,
        };
    }

    /// <summary>
    /// Handled, and its answer finds no room: it comes again, and the repeat gets the first receipt. Waiting for the room
    /// would let one office system hold all that the hub takes in its hands at a time.
    /// </summary>
    private Task<Attempt> PutOffAsync(
        IncomingMessage message,
        CancellationToken cancellationToken
    ) =>
        PutOffAsync(
            message,
            Topology.LaterExchange,
            expiration: null,
            cancellationToken,
            new Dictionary<string, object?> { [AnswerIsDue] = true }
        );

    /// <summary>
    /// Over its limit: it waits on another queue and comes back by itself, with its routing key. It leaves this queue
    /// only when the broker has confirmed it there, so it is on one of the two at any time; after a crash in between on
    /// both, and the repeat gets the first receipt. Waiting here would let one busy sender hold up all others.
    /// </summary>
    private async Task<Attempt> PutOffAsync(
        IncomingMessage message,
        string exchange,
        TimeSpan? expiration,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, object?>? headers = null
    )
    {
        var later = new OutgoingMessage(
            message.RoutingKey,
            message.MessageId ?? "",
            "axis.submission",
            "application/xml",
            message.Body,
            Headers: headers
        )
        {
            Exchange = exchange,
            Expiration = expiration,
        };
        try
        {
            return
                (await aside.PublishAsync([later], cancellationToken))[0] is PublishResult.Confirmed
                ? Attempt.Done
                : Attempt.Later;
        }
        catch (Exception failure)
        {
            log.LogWarning("A submission waits for the broker: {Failure}", failure.Message);
            return Attempt.Later;
        }
    }

    private async Task<Attempt> AcknowledgeAsync(
        OfficeSystem recipient,
        IncomingMessage message,
        CancellationToken cancellationToken
    )
    {
        var named = ReadIds(message.Body.Span);
        if (named is null)
        {
            return await AnswerAsync(
                recipient,
                message,
                Problem.Of(
                    RequestErrors.Malformed.At(
                        null,
                        null,
                        new Words(
                            "{\"deliveryIds\":[...]} was expected",
                            "cần {\"deliveryIds\":[...]}"
                        )
                    )
                ),
                cancellationToken
            );
        }
        if (named.Length == 0)
        {
            // An acknowledgement of nothing is a heartbeat.
            return await AnswerAsync(
                recipient,
                message,
                "axis.pong",
                "application/json",
                JsonSerializer.SerializeToUtf8Bytes(
                    Pong.Of(recipient, clock.GetUtcNow()),
                    HubJson.Options
                ),
                cancellationToken
            );
        }
        var mine = await inbox.AcknowledgeAsync(
            Permissions.Inbox(recipient),
            named,
            Door.Amqp,
            cancellationToken
        );
        metrics.DeliveriesCollected(Door.Amqp, mine.Values.Count(gone => gone is null));
        var foreign = named.Distinct().Where(id => !mine.ContainsKey(id)).ToArray();
        var handedOver =
            foreign.Length == 0
                ? new HashSet<Guid>()
                : await inbox.HandedOverAsync(
                    Permissions.Inbox(recipient),
                    foreign,
                    cancellationToken
                );
        ErrorItem[] problems =
        [
            .. mine.Values.OfType<ErrorItem>(),
            .. foreign.Select(id => DeliveryErrors.NotYours(id, "deliveryIds", handedOver)),
        ];
        return problems.Length == 0
            ? Attempt.Done
            : await AnswerAsync(recipient, message, Problem.Of(problems), cancellationToken);
    }

    private static Guid[]? ReadIds(ReadOnlySpan<byte> body)
    {
        try
        {
            var named = JsonSerializer.Deserialize<DeliveryIds>(body, HubJson.Options)?.Ids;
            return named is { Length: <= Page.MaxLimit } ? named : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private Task<Attempt> AnswerAsync(
        OfficeSystem to,
        IncomingMessage message,
        Problem problem,
        CancellationToken cancellationToken,
        Attempt told = Attempt.Done
    ) =>
        AnswerAsync(
            to,
            message,
            "axis.problem",
            Problem.MediaType,
            JsonSerializer.SerializeToUtf8Bytes(problem, HubJson.Options),
            cancellationToken,
            told
        );

    private async Task<Attempt> AnswerAsync(
        OfficeSystem to,
        IncomingMessage message,
        string type,
        string contentType,
        byte[] body,
        CancellationToken cancellationToken,
        Attempt told = Attempt.Done
    )
    {
        var answer = new OutgoingMessage(
            Topology.Events(to.Id),
            ids.Next().ToString(),
            type,
            contentType,
            body,
            CorrelationId: message.MessageId
        );
        crash.Pass(CrashPoint.SubmissionHandled);
        try
        {
            switch (await answers.TellAsync(to.Id, answer, cancellationToken))
            {
                case AnswerOutcome.Told:
                    crash.Pass(CrashPoint.SubmissionAnswered);
                    return told;
                case AnswerOutcome.NotTaken:
                    return await PutOffAsync(message, cancellationToken);
                default:
                    return Attempt.Later;
            }
        }
        catch (Exception failure)
        {
            // Never the fault of the submission, so it must not count against its delivery limit.
            log.LogWarning("An answer waits for the broker: {Failure}", failure.Message);
            return Attempt.Later;
        }
    }

    private sealed record DeliveryIds(
        [property: System.Text.Json.Serialization.JsonPropertyName("deliveryIds")] Guid[]? Ids
    );
}
