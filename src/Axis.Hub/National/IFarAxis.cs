using Axis.Vxp.Client;

namespace Axis.Hub.National;

public enum FarKind
{
    Document,
    Status,
}

/// <summary>Something that waits for us on the far side.</summary>
/// <param name="To">For whom, where the list says so; empty otherwise.</param>
public sealed record FarItem(string Id, FarKind Kind, string From, string To);

/// <summary>Something that the far side says we sent.</summary>
public sealed record FarSent(string Id, string From, string To, string Notation, string Title);

public enum FarAcknowledgement
{
    Done,
    Fail,
}

/// <summary>
/// What carries packages to agencies that no office system of this hub serves. Each call is tried once; what is known of
/// a failure is in its fault, and the gateway decides.
/// </summary>
public interface IFarAxis
{
    string Name { get; }

    /// <summary>
    /// A repeat of the same bytes is the same document there and gets the same answer, so that a send of unknown outcome
    /// may simply be sent again.
    /// </summary>
    bool KnowsRepeats { get; }

    /// <summary>
    /// It has a word for "this cannot be read". To one that has none, an acknowledgement says that we have the package,
    /// so what it does not hand out is never acknowledged.
    /// </summary>
    bool HearsFailures { get; }

    /// <summary>The far side's id of what was sent.</summary>
    Task<FarReply<string>> SendAsync(
        FarKind kind,
        VxpSending sending,
        CancellationToken cancellationToken
    );

    Task<FarReply<IReadOnlyList<FarSent>>> SentAsync(CancellationToken cancellationToken);

    Task<FarReply<IReadOnlyList<FarItem>>> WaitingAsync(
        FarKind kind,
        CancellationToken cancellationToken
    );

    /// <summary>The package; a success of no bytes is news without a package, which is acknowledged and no more.</summary>
    Task<FarReply<byte[]>> FetchAsync(FarItem item, CancellationToken cancellationToken);

    /// <summary>Anything but null says that it was taken.</summary>
    Task<FarReply<object>> AcknowledgeAsync(
        FarItem item,
        FarAcknowledgement outcome,
        CancellationToken cancellationToken
    );
}
