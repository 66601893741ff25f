using Axis.Hub.Delivery;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Axis.Vxp;
using Axis.Vxp.Client;

namespace Axis.Hub.National;

/// <summary>
/// Sends what is to leave for one axis. Any number of nodes may do so at once: rows are claimed before the call
/// (docs/national-axis.md).
/// </summary>
internal sealed class Outward(
    FarCalls calls,
    FarGathering gathering,
    FarClaims claims,
    FarOutbox outbox,
    FarLinks links,
    PayloadStore payloads,
    FarMetrics metrics,
    NationalOptions options,
    TimeProvider clock,
    ILogger log
)
{
    private const int UnclearAtATime = 200;
    private const int UnnamedAtATime = 1_000;

    /// <summary>A call begins within this of its claim, or the claim is made anew.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private string Axis => calls.Axis.Name;

    /// <summary>One round; whether there may be more to do at once.</summary>
    public async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var more = await gathering.GatherDocumentsAsync(cancellationToken);
        more |= await gathering.GatherStatusesAsync(Axis, cancellationToken);
        var allowed = await links.AllowedAsync(
            Axis,
            FarDirection.Out,
            options.Parallel,
            cancellationToken
        );
        if (allowed == 0)
        {
            return false;
        }
        var round = new FarRound();
        more |= await ReconcileAsync(round, cancellationToken);
        var (claimed, dropped) = await claims.ClaimAsync(
            Axis,
            allowed,
            Lease,
            calls.Axis.KnowsRepeats,
            cancellationToken
        );
        if (dropped > 0)
        {
            log.LogInformation(
                "{Count} that were taken back do not leave for {Axis}",
                dropped,
                Axis
            );
        }
        // From here on everything runs to its mark even if the hub stops, or its outcome would have to be looked for.
        await Parallel.ForEachAsync(
            claimed,
            new ParallelOptions { MaxDegreeOfParallelism = options.Parallel },
            async (sending, _) => await SendAsync(sending, round)
        );
        await links.WriteAsync(Axis, FarDirection.Out, round, CancellationToken.None);
        return more || dropped > 0 || (claimed.Count > 0 && round.LinkFailures == 0);
    }

    /// <summary>It outlives the wait for a turn and the call that it covers.</summary>
    private TimeSpan Lease => options.CallTimeout * 2;

    private async Task SendAsync(FarSending sending, FarRound round)
    {
        FarReply<string>? reply;
        try
        {
            reply = await calls.TryCallAsync(
                round,
                VxpCall.SendEdoc.Name,
                () => IsStillOursAsync(sending),
                axis => axis.SendAsync(sending.Kind, PackageOf(sending), CancellationToken.None)
            );
        }
        catch (PayloadUnusableException unusable)
        {
            await outbox.MarkFailedAsync(
                sending,
                unusable.Reason,
                unusable.Failure,
                CancellationToken.None
            );
            return;
        }
        switch (reply?.Fault)
        {
            case null when reply is null:
                log.LogInformation("Package {Source} is in other hands by now", sending.SourceId);
                break;
            case null:
                await outbox.MarkSentAsync(sending, reply!.Value!, CancellationToken.None);
                metrics.Crossed(Axis, FarDirection.Out, sending.Kind, "sent");
                break;
            // One unknown (18) or closed (23) recipient must not keep the letter from the others.
            case { Kind: FarFaultKind.Refused, Code: "18" or "23" } refusal
                when RefusedRecipients.Part(sending.Recipients, refusal.Message) is { } parts:
                await outbox.PartAsync(
                    sending,
                    parts.First,
                    parts.Second,
                    Words(refusal),
                    CancellationToken.None
                );
                break;
            case { Kind: FarFaultKind.Refused } refusal when IsFinal(sending, refusal):
                await outbox.MarkFailedAsync(
                    sending,
                    $"{refusal.Code} {refusal.Message}",
                    "far-refused",
                    CancellationToken.None
                );
                metrics.Crossed(Axis, FarDirection.Out, sending.Kind, "failed");
                log.LogWarning(
                    "{Axis} refuses package {Source}: {Code} {Message}",
                    Axis,
                    sending.SourceId,
                    refusal.Code,
                    refusal.Message
                );
                break;
            case { IsOutcomeUnknown: true } fault when !MaySimplyRepeat(sending):
                await LaterAsync(
                    sending,
                    "unclear",
                    options.FirstRetry,
                    Words(fault),
                    "far-unclear",
                    0
                );
                break;
            case { } fault:
                await LaterAsync(
                    sending,
                    "due",
                    Longest(PauseAfter(sending.Attempts), fault.RetryAfter),
                    Words(fault),
                    fault.IsOfLink ? "far-link" : "far-fault",
                    fault.IsOfLink && !fault.IsOutcomeUnknown ? 1 : 0,
                    // Taken back meanwhile, it is sent again all the same: only so the recall goes behind it.
                    fault.IsOutcomeUnknown
                );
                break;
        }
    }

    /// <summary>
    /// A claim that waited for its turn, or whose node stood still, is made anew before the call: another node may have
    /// it by now, and would send it a second time.
    /// </summary>
    private async Task<bool> IsStillOursAsync(FarSending sending) =>
        clock.GetUtcNow() - sending.OverAt!.Value is var since
            && since >= TimeSpan.Zero
            && since < s_fresh
        || await claims.RenewAsync(sending, Lease);

    /// <summary>Looks for what was called with unknown outcome among what the far side says it has.</summary>
    private async Task<bool> ReconcileAsync(FarRound round, CancellationToken cancellationToken)
    {
        var answered = await claims.AnsweredAsync(Axis, UnclearAtATime, cancellationToken);
        foreach (var sending in answered)
        {
            await outbox.MarkSentAsync(sending, null, CancellationToken.None);
            metrics.Crossed(Axis, FarDirection.Out, sending.Kind, "answered");
        }
        var unclear = await claims.ClaimUnclearAsync(
            Axis,
            UnclearAtATime,
            Lease,
            options.CallTimeout + s_fresh,
            cancellationToken
        );
        var now = clock.GetUtcNow();
        foreach (var sending in unclear.Where(MaySimplyRepeat))
        {
            await LaterAsync(sending, "due", TimeSpan.Zero, "sent again", "far-unclear", 0);
        }
        var open = unclear.Where(sending => !MaySimplyRepeat(sending)).ToList();
        if (open.Count == 0)
        {
            return false;
        }
        var reply = await calls.CallAsync(
            round,
            VxpCall.GetSentEdocList.Name,
            axis => axis.SentAsync(cancellationToken)
        );
        if (reply.Value is not { } list)
        {
            foreach (var sending in open)
            {
                await LaterAsync(
                    sending,
                    "unclear",
                    PauseAfter(sending.Attempts),
                    Words(reply.Fault!),
                    "far-unclear",
                    0
                );
            }
            return false;
        }
        var known = await claims.KnownAsync(Axis, list.Select(item => item.Id), cancellationToken);
        var free = list.Where(item => !known.Contains(item.Id)).ToLookup(KeyOf);
        // First those that arrived for certain, or another of the same number and title would pass for sent by theirs.
        foreach (var sent in await claims.UnnamedAsync(Axis, UnnamedAtATime, cancellationToken))
        {
            if (FoundOf(sent) is { } own)
            {
                await claims.NameAsync(sent, own.Id, cancellationToken);
            }
        }
        foreach (var sending in open)
        {
            if (FoundOf(sending) is { } found)
            {
                await outbox.MarkSentAsync(sending, found.Id, CancellationToken.None);
                metrics.Crossed(Axis, FarDirection.Out, sending.Kind, "found");
                log.LogInformation(
                    "Package {Source} had arrived at {Axis} as {FarId}; it is not sent again",
                    sending.SourceId,
                    Axis,
                    found.Id
                );
                continue;
            }
            var settled = (sending.OverAt ?? now) + options.SettleAfter;
            await (
                settled <= now
                    ? LaterAsync(
                        sending,
                        "due",
                        TimeSpan.Zero,
                        "not on the sent list",
                        "far-unclear",
                        0
                    )
                    : LaterAsync(
                        sending,
                        "unclear",
                        settled - now,
                        "not on the sent list yet",
                        "far-unclear",
                        0
                    )
            );
        }
        return true;

        FarSent? FoundOf(FarSending sending)
        {
            var found = sending
                .Recipients.SelectMany(to => free[KeyOf(sending, to)])
                .FirstOrDefault(item => !known.Contains(item.Id));
            if (found is not null)
            {
                known.Add(found.Id);
            }
            return found;
        }
    }

    // The sent list knows no document id. Blanks and case of a notation are the far side's own affair.
    private static (string, string, string, string) KeyOf(FarSent item) =>
        (item.From, item.To, NumberOf(item.Notation), item.Title.Trim());

    private static (string, string, string, string) KeyOf(FarSending sending, string to) =>
        (sending.From, to, sending.Notation, sending.Title.Trim());

    private static string NumberOf(string notation) => DocumentNumber.Parse(notation).Key;

    private bool MaySimplyRepeat(FarSending sending) =>
        sending.Kind == FarKind.Status || calls.Axis.KnowsRepeats;

    /// <summary>
    /// Whether the far side would say the same tomorrow. Those are the codes that provinces' adapters are known to use; a
    /// number that nobody knows is tried again.
    /// </summary>
    private bool IsFinal(FarSending sending, FarFault refusal) =>
        refusal.Code is "10" or "18" or "19" or "22" or "23"
        || refusal.Code.StartsWith("AXIS-", StringComparison.Ordinal)
        || sending.Attempts >= options.MaxAttempts;

    private VxpSending PackageOf(FarSending sending) =>
        new(
            sending.From,
            sending.Recipients,
            sending.Kind == FarKind.Status ? VxpValue.MessageStatus : VxpValue.MessageEdoc,
            sending.Sha256,
            sending.Size,
            async token =>
                sending.Bytes is { } bytes
                    ? new MemoryStream(payloads.Unseal(bytes), writable: false)
                    : await payloads.OpenAsync(sending.SourceId, sending.Sha256, token)
                        ?? throw PayloadUnusableException.Missing()
        );

    private Task LaterAsync(
        FarSending sending,
        string state,
        TimeSpan pause,
        string error,
        string failure,
        int uncounted,
        bool mayHaveIt = false
    ) =>
        outbox.MarkLaterAsync(
            sending,
            state,
            clock.GetUtcNow() + pause,
            error,
            failure,
            uncounted,
            mayHaveIt,
            CancellationToken.None
        );

    private TimeSpan PauseAfter(int attempts)
    {
        var pause = options.FirstRetry * Math.Pow(2, Math.Min(attempts, 20));
        return (pause < options.LongestRetry ? pause : options.LongestRetry) * Backoff.Jitter();
    }

    /// <summary>A pause that is asked for is kept, but nobody makes a letter wait a day by it.</summary>
    private TimeSpan Longest(TimeSpan pause, TimeSpan? asked) =>
        asked is not { } wish || wish <= pause ? pause
        : wish < options.LongestRetry ? wish
        : options.LongestRetry;

    private static string Words(FarFault fault) => $"{fault.Kind} {fault.Code} {fault.Message}";
}
