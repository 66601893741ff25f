using Axis.Vxp;
using Axis.Vxp.Client;

namespace Axis.Hub.National;

/// <summary>The national axis, by the protocol of its adapter.</summary>
internal sealed class VxpFarAxis(
    string name,
    FarAxisOptions axis,
    NationalOptions options,
    FarSecret secret,
    HttpClient http,
    TimeProvider clock
) : IFarAxis
{
    public string Name => name;

    // Whether a real one does is not known (docs/national-axis.md).
    public bool KnowsRepeats => false;

    public bool HearsFailures => true;

    public Task<FarReply<string>> SendAsync(
        FarKind kind,
        VxpSending sending,
        CancellationToken cancellationToken
    ) => Client().SendEdocAsync(sending, cancellationToken);

    public async Task<FarReply<IReadOnlyList<FarSent>>> SentAsync(
        CancellationToken cancellationToken
    )
    {
        var reply = await Client().GetSentEdocListAsync(VxpValue.MessageEdoc, cancellationToken);
        return new(
            reply
                .Value?.Select(item => new FarSent(
                    item.DocId,
                    item.From,
                    item.To,
                    item.Notation,
                    item.Title
                ))
                .ToArray(),
            reply.Fault,
            reply.ServerTime
        );
    }

    public async Task<FarReply<IReadOnlyList<FarItem>>> WaitingAsync(
        FarKind kind,
        CancellationToken cancellationToken
    )
    {
        var reply = await Client()
            .GetReceivedEdocListAsync(
                kind == FarKind.Document ? VxpValue.MessageEdoc : VxpValue.MessageStatus,
                cancellationToken
            );
        return new(
            reply
                .Value?.Select(item => new FarItem(item.DocId, kind, item.From, item.To))
                .DistinctBy(item => item.Id)
                .ToArray(),
            reply.Fault,
            reply.ServerTime
        );
    }

    public Task<FarReply<byte[]>> FetchAsync(FarItem item, CancellationToken cancellationToken) =>
        Client().GetEdocAsync(item.Id, cancellationToken);

    public async Task<FarReply<object>> AcknowledgeAsync(
        FarItem item,
        FarAcknowledgement outcome,
        CancellationToken cancellationToken
    )
    {
        var reply = await Client()
            .UpdateStatusAsync(
                item.Id,
                outcome == FarAcknowledgement.Done ? VxpValue.Done : VxpValue.Fail,
                cancellationToken
            );
        return new(reply.Value, reply.Fault, reply.ServerTime);
    }

    // A fresh one each time costs nothing, and takes a changed secret up at once.
    private VxpClient Client() =>
        new(
            http,
            new VxpIdentity(new Uri(axis.Endpoint), axis.SystemId, secret.Value),
            clock,
            options.CallTimeout
        );
}
