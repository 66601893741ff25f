using System.Collections.Concurrent;
using Axis.EdXml;
using Axis.Hub.Storage;
using Axis.Vxp;
using Axis.Vxp.Client;
using Npgsql;

namespace Axis.Hub.National;

/// <summary>
/// Brings in what waits for us on one list of one axis. One node at a time polls a list; whoever dies lets it go
/// (docs/national-axis.md).
/// </summary>
internal sealed class Inward(
    FarCalls calls,
    FarKind kind,
    FarLinks links,
    FarInwardStore store,
    InwardAcceptance acceptance,
    NpgsqlDataSource database,
    ItemTroubles troubles,
    FarMetrics metrics,
    NationalOptions options,
    ICrashPoints crash,
    ILogger log
)
{
    private readonly LettersAhead _ahead = new();

    /// <summary>Whether the document list was looked at in this round.</summary>
    private bool _isListed;

    private string Axis => calls.Axis.Name;

    /// <summary>One look at the list, and all that it shows; how many items were new.</summary>
    public async Task<int> RoundAsync(CancellationToken cancellationToken)
    {
        await using var turn = await SingleRunner.TryTakeAsync(
            database,
            SingleRunner.FarPolling + JobOf(Axis, kind),
            cancellationToken
        );
        if (
            turn is null
            || await links.AllowedAsync(Axis, FarDirection.In, 1, cancellationToken) == 0
        )
        {
            return 0;
        }
        var round = new FarRound();
        try
        {
            return await PollAsync(round, cancellationToken);
        }
        finally
        {
            await links.WriteAsync(Axis, FarDirection.In, round, CancellationToken.None);
        }
    }

    private async Task<int> PollAsync(FarRound round, CancellationToken cancellationToken)
    {
        var reply = await calls.CallAsync(
            round,
            $"{VxpCall.GetReceivedEdocList.Name}.{FarInwardStore.WordOf(kind)}",
            axis => axis.WaitingAsync(kind, cancellationToken)
        );
        if (reply.Value is not { } listed)
        {
            return 0;
        }
        await store.GoneAsync(Axis, kind, listed, cancellationToken);
        troubles.KeepOnly(listed);
        _ahead.KeepOnly(listed);
        _isListed = false;
        FarItem[] items =
        [
            .. listed
                .Where(item => troubles.MayTry(item.Id))
                .OrderBy(item => troubles.IsLast(item.Id)),
        ];
        if (items.Length == 0)
        {
            return 0;
        }
        var known = await store.KnownAsync(Axis, items, cancellationToken);
        var order = new ListOrder(listed, known.Keys);
        var fresh = 0;
        // In pages, so that what was accepted is acknowledged before the next is fetched, however long the list is.
        foreach (var page in items.Chunk(options.Parallel))
        {
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            var (failures, successes) = (round.LinkFailures, round.Successes);
            fresh += await TakeAsync(page, order, known, round, cancellationToken);
            // One item may fail alone; where all do it is the line. Reports keep their order.
            if (
                round.LinkFailures > failures
                && (
                    round.Successes == successes
                    || (kind == FarKind.Status && !page.Any(item => troubles.IsLast(item.Id)))
                )
            )
            {
                break;
            }
        }
        return fresh;
    }

    private async Task<int> TakeAsync(
        FarItem[] page,
        ListOrder order,
        Dictionary<string, string> known,
        FarRound round,
        CancellationToken cancellationToken
    )
    {
        var fetched = new ConcurrentDictionary<string, byte[]>(StringComparer.Ordinal);
        var outcomes = new ConcurrentDictionary<string, FarAcknowledgement>(StringComparer.Ordinal);
        var failedBefore = round.LinkFailures;
        var toldBefore = page.Where(item => known.ContainsKey(item.Id)).ToArray();
        var unseen = page.Where(item => !known.ContainsKey(item.Id)).ToArray();
        await EachAsync(
            unseen,
            item => FetchAsync(item, fetched, outcomes, round, cancellationToken)
        );
        foreach (var item in toldBefore)
        {
            outcomes[item.Id] = FarArrival.AcknowledgementOf(known[item.Id]);
        }
        var arrived = unseen.Where(item => fetched.ContainsKey(item.Id)).ToArray();
        if (kind == FarKind.Document)
        {
            await TakeDocumentsAsync(arrived, order, fetched, outcomes);
        }
        else
        {
            // One after the other: of two reports on one letter the first must be judged first. Where the line kept one
            // back, those behind it come again with it; what the far side refuses to hand out holds up nobody.
            var inOrder =
                round.LinkFailures == failedBefore
                    ? arrived
                    : unseen.TakeWhile(item => fetched.ContainsKey(item.Id));
            foreach (var item in inOrder)
            {
                await TryAcceptAsync(
                    item,
                    () => AcceptReportAsync(item, fetched[item.Id], outcomes, round),
                    outcomes,
                    fetched[item.Id]
                );
            }
        }
        var told = new ConcurrentBag<string>();
        await EachAsync(
            [.. page.Where(item => outcomes.ContainsKey(item.Id))],
            item => AcknowledgeAsync(item, outcomes[item.Id], told, round)
        );
        await store.AcknowledgedAsync(Axis, told, CancellationToken.None);
        return outcomes.Count - toldBefore.Length;
    }

    private async Task FetchAsync(
        FarItem item,
        ConcurrentDictionary<string, byte[]> fetched,
        ConcurrentDictionary<string, FarAcknowledgement> outcomes,
        FarRound round,
        CancellationToken cancellationToken
    )
    {
        var reply = await calls.CallAsync(
            round,
            VxpCall.GetEdoc.Name,
            axis => axis.FetchAsync(item, cancellationToken)
        );
        if (reply.Value is { } bytes)
        {
            fetched[item.Id] = bytes;
            troubles.Fetched(item.Id);
            return;
        }
        var fault = reply.Fault!;
        if (troubles.IsHopeless(item.Id, IsOfItem(fault)) && calls.Axis.HearsFailures)
        {
            var arrival = FarArrival.NotHandedOut(Axis, item, fault);
            await RecordAsync(arrival);
            outcomes[item.Id] = arrival.Acknowledgement;
            return;
        }
        // It stays on the list, and is asked for again later; what stands behind it does not wait.
        log.LogWarning(
            "{Axis} lists {Item} and does not hand it out: {Fault}",
            Axis,
            item.Id,
            fault
        );
    }

    /// <summary>
    /// No package, or "no such document": another try would get the same. Whatever else was answered may pass.
    /// </summary>
    private static bool IsOfItem(FarFault fault) =>
        fault is { Kind: FarFaultKind.Damaged } or { Kind: FarFaultKind.Refused, Code: "21" };

    /// <summary>One item that the hub fails at must not keep it from the others.</summary>
    private async Task TryAcceptAsync(
        FarItem item,
        Func<Task> accept,
        ConcurrentDictionary<string, FarAcknowledgement> outcomes,
        byte[] package
    )
    {
        try
        {
            await accept();
        }
        catch (Exception failure)
            when (failure is not OperationCanceledException && !StoreFaults.MayPass(failure))
        {
            log.LogError(failure, "{Item} of {Axis} was not taken in", item.Id, Axis);
            if (troubles.IsHopeless(item.Id, isOfItem: true, wasFetched: true))
            {
                var arrival = FarArrival.NotTakenIn(Axis, item, package, failure);
                await RecordAsync(arrival);
                outcomes[item.Id] = arrival.Acknowledgement;
            }
        }
    }

    /// <summary>
    /// Letters first, side by side. A recall or an update of the same page is taken in behind them, and waits for letters
    /// of its sender that stand before it and have not come in yet; but no more often than <c>MaxFetches</c>.
    /// </summary>
    private async Task TakeDocumentsAsync(
        FarItem[] arrived,
        ListOrder order,
        ConcurrentDictionary<string, byte[]> fetched,
        ConcurrentDictionary<string, FarAcknowledgement> outcomes
    )
    {
        var acts = new ConcurrentBag<FarItem>();
        await EachAsync(arrived, item => TryAsync(item, IsAct));
        order.CameIn(outcomes.Keys);
        foreach (var act in order.Of(acts))
        {
            if (
                !order.IsFirstOfSender(act)
                && !troubles.IsHopeless(act.Id, isOfItem: true, wasFetched: true)
            )
            {
                log.LogInformation("{Item} of {Axis} waits for letters before it", act.Id, Axis);
                continue;
            }
            await TryAsync(act, null);
            order.CameIn(outcomes.Keys);
        }

        Task TryAsync(FarItem item, Func<FarItem, PackageReading, bool>? waits) =>
            TryAcceptAsync(
                item,
                () =>
                    AcceptAsync(
                        item,
                        fetched[item.Id],
                        waits is null ? null : reading => waits(item, reading),
                        outcomes
                    ),
                outcomes,
                fetched[item.Id]
            );

        bool IsAct(FarItem item, PackageReading reading)
        {
            if (reading.Document is not { Business.Type: not BusinessType.New })
            {
                return false;
            }
            acts.Add(item);
            return true;
        }
    }

    private async Task AcceptAsync(
        FarItem item,
        byte[] package,
        Predicate<PackageReading>? waits,
        ConcurrentDictionary<string, FarAcknowledgement> outcomes
    )
    {
        if (package.Length == 0)
        {
            outcomes[item.Id] = FarAcknowledgement.Done;
            return;
        }
        if (
            await acceptance.AcceptAsync(Axis, item, package, waits, CancellationToken.None)
            is not { } arrival
        )
        {
            return;
        }
        await RecordAsync(arrival);
        outcomes[item.Id] = arrival.Acknowledgement;
    }

    private async Task AcceptReportAsync(
        FarItem item,
        byte[] package,
        ConcurrentDictionary<string, FarAcknowledgement> outcomes,
        FarRound round
    )
    {
        if (package.Length == 0)
        {
            outcomes[item.Id] = FarAcknowledgement.Done;
            return;
        }
        var arrival = await acceptance.AcceptAsync(
            Axis,
            item,
            package,
            waits: null,
            CancellationToken.None
        );
        if (arrival is { MetNoLetter: true })
        {
            if (await MayLetterComeAsync(item, round))
            {
                log.LogInformation("{Item} of {Axis} waits for its letter", item.Id, Axis);
                return;
            }
            // The letter may have come in between the two looks.
            arrival = await acceptance.AcceptAsync(
                Axis,
                item,
                package,
                waits: null,
                CancellationToken.None
            );
        }
        if (arrival is not null)
        {
            await RecordAsync(arrival);
            outcomes[item.Id] = arrival.Acknowledgement;
        }
    }

    /// <summary>
    /// Whether documents that were listed before this report have still to come in. While they do, it waits; when none of
    /// them has for <c>MaxFetches</c> tries, it is judged as it is.
    /// </summary>
    private async Task<bool> MayLetterComeAsync(FarItem report, FarRound round)
    {
        if (!_isListed)
        {
            var reply = await calls.CallAsync(
                round,
                $"{VxpCall.GetReceivedEdocList.Name}.{FarInwardStore.WordOf(FarKind.Document)}",
                axis => axis.WaitingAsync(FarKind.Document, CancellationToken.None)
            );
            if (reply.Value is not { } listed)
            {
                return !troubles.IsHopeless(report.Id, isOfItem: true, wasFetched: true);
            }
            var known = await store.KnownAsync(Axis, listed, CancellationToken.None);
            _ahead.Listed(listed.Select(one => one.Id).Where(id => !known.ContainsKey(id)));
            _isListed = true;
        }
        var ahead = _ahead.Of(report.Id);
        if (ahead.IsFewer)
        {
            troubles.Ended(report.Id);
        }
        return ahead.Left > 0 && !troubles.IsHopeless(report.Id, isOfItem: true, wasFetched: true);
    }

    private async Task RecordAsync(FarArrival arrival)
    {
        await store.RecordAsync(Axis, arrival, CancellationToken.None);
        crash.Pass(CrashPoint.FarItemRecorded);
        troubles.Ended(arrival.Item.Id);
        metrics.Crossed(Axis, FarDirection.In, kind, arrival.State);
        if (arrival.Reasons.Count > 0)
        {
            log.LogWarning(
                "{Item} of {Axis}, from {Sender}, is {State}: {Reasons}",
                arrival.Item.Id,
                Axis,
                arrival.Sender,
                arrival.State,
                string.Join("; ", arrival.Reasons.Select(reason => reason.Message))
            );
        }
    }

    private async Task AcknowledgeAsync(
        FarItem item,
        FarAcknowledgement outcome,
        ConcurrentBag<string> told,
        FarRound round
    )
    {
        var reply = await calls.CallAsync(
            round,
            VxpCall.UpdateStatus.Name,
            axis => axis.AcknowledgeAsync(item, outcome, CancellationToken.None)
        );
        if (reply.IsSuccess)
        {
            told.Add(item.Id);
        }
    }

    private Task EachAsync(IReadOnlyCollection<FarItem> items, Func<FarItem, Task> act) =>
        Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = options.Parallel },
            async (item, _) => await act(item)
        );

    /// <summary>The same on every node and after every start: FNV-1a, 24 bits.</summary>
    private static long JobOf(string axis, FarKind kind)
    {
        var hash = 2166136261u;
        foreach (var letter in axis)
        {
            hash = (hash ^ letter) * 16777619u;
        }
        return ((hash & 0x3FFFFF) << 1) | (kind == FarKind.Document ? 0u : 1u);
    }
}
