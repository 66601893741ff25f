using Axis.Hub.Errors;
using Axis.Vxp.Client;

namespace Axis.Hub.National;

/// <summary>What became of an item of the far side's lists.</summary>
internal sealed record FarArrival(
    FarItem Item,
    string State,
    Guid? SourceId,
    string Sender,
    string DocumentId,
    string Subject,
    IReadOnlyList<string> Missing,
    IReadOnlyList<ErrorItem> Reasons,
    byte[]? Bytes,
    IReadOnlyList<FarAnswer> Answers
)
{
    /// <summary>A report of the sender on a letter that is not here: it may have overtaken the letter.</summary>
    public bool MetNoLetter { get; init; }

    public const string Accepted = "accepted";
    public const string Repeated = "repeated";
    public const string Undeliverable = "undeliverable";
    public const string Unreadable = "unreadable";

    /// <summary>Somebody of ours has it.</summary>
    public bool IsDelivered => State is Accepted or Repeated;

    /// <summary>What the far side is told: that we have it, or that we cannot read it.</summary>
    public FarAcknowledgement Acknowledgement => AcknowledgementOf(State);

    public static FarAcknowledgement AcknowledgementOf(string state) =>
        state == Unreadable ? FarAcknowledgement.Fail : FarAcknowledgement.Done;

    /// <summary>Another item of the same letter says who is missing.</summary>
    public FarArrival WithoutAnswers() =>
        IsDelivered
            ? this with
            {
                Missing = [],
                Reasons = [],
                Answers = [],
            }
            : this with
            {
                Answers = [],
            };

    /// <summary>Listed, and never handed out as a package.</summary>
    public static FarArrival NotHandedOut(string axis, FarItem item, FarFault fault) =>
        WithoutReading(
            item,
            Unreadable,
            null,
            FarErrors.NotHandedOut.At(
                null,
                null,
                axis,
                item.Id,
                $"{fault.Kind} {fault.Code} {fault.Message}"
            )
        );

    /// <summary>In hand, and something in this hub fails at it.</summary>
    public static FarArrival NotTakenIn(
        string axis,
        FarItem item,
        byte[] package,
        Exception failure
    ) =>
        WithoutReading(
            item,
            Undeliverable,
            package,
            FarErrors.NotTakenIn.At(null, null, axis, item.Id, failure.GetType().Name)
        );

    private static FarArrival WithoutReading(
        FarItem item,
        string state,
        byte[]? bytes,
        ErrorItem reason
    ) => new(item, state, null, item.From, "", "", [], [reason], bytes, []);
}

/// <summary>A status package that the hub writes itself, for a recipient that there is not.</summary>
internal sealed record FarAnswer(string From, string To, byte[] Package, byte[] Sha256);

/// <summary>An item that waits for an operator.</summary>
/// <param name="SourceId">The package that others of its recipients have; null when nobody has it.</param>
/// <param name="Bytes">Null when a package holds them, or the far side never handed them out.</param>
internal sealed record KeptItem(Guid Id, string Axis, FarItem Item, Guid? SourceId, byte[]? Bytes);
