using Axis.Hub.Errors;
using Axis.Vxp;
using Axis.Vxp.Client;

namespace Axis.Hub.National;

/// <summary>What came of trying an item again.</summary>
/// <param name="Reasons">Why it stays on the list; empty when it does not.</param>
internal sealed record ReplayedItem(string State, Guid? PackageId, IReadOnlyList<ErrorItem> Reasons)
{
    public bool IsDone => Reasons.Count == 0;
}

/// <summary>
/// One more try of an item that waits for an operator: a kept package goes through the intake again, one that the far
/// side never handed out is asked for again, and one that others have is brought to those who were missing.
/// </summary>
internal sealed class ReplayUndeliverable(
    FarInwardStore store,
    InwardAcceptance acceptance,
    LateRecipients late,
    FarAxes axes,
    FarAxisFactory factory
)
{
    /// <summary>Null when there is no such item; busy is true when the hub has no room just now.</summary>
    public async Task<(ReplayedItem? Outcome, bool IsBusy)> TryAsync(
        Guid itemId,
        string by,
        CancellationToken cancellationToken
    )
    {
        if (await store.FindKeptAsync(itemId, cancellationToken) is not { } kept)
        {
            return (null, false);
        }
        // From here on to the end, or the row would not say what became of it.
        if (kept is { Bytes: null, SourceId: not null })
        {
            return (await late.BringAsync(itemId, by, CancellationToken.None), false);
        }
        var (bytes, fault) = kept.Bytes is null ? await FetchAsync(kept) : (kept.Bytes, null);
        var arrival = bytes is null
            ? FarArrival.NotHandedOut(kept.Axis, kept.Item, fault!)
            : await acceptance.AcceptAsync(
                kept.Axis,
                kept.Item,
                bytes,
                waits: null,
                CancellationToken.None
            );
        if (arrival is null)
        {
            return (null, true);
        }
        await store.BecameAsync(itemId, kept.Axis, by, arrival, CancellationToken.None);
        return (new ReplayedItem(arrival.State, arrival.SourceId, arrival.Reasons), false);
    }

    private async Task<(byte[]? Bytes, FarFault? Fault)> FetchAsync(KeptItem kept)
    {
        if (!axes.Names.Contains(kept.Axis))
        {
            return (null, new(FarFaultKind.Unreachable, "axis", "it is not connected any more"));
        }
        var reply = await factory
            .CallsOf(kept.Axis)
            .CallAsync(
                new FarRound(),
                VxpCall.GetEdoc.Name,
                axis => axis.FetchAsync(kept.Item, CancellationToken.None)
            );
        return (reply.Value, reply.Fault);
    }
}
