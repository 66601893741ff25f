using Axis.NationalSim.Exchange;
using Axis.Vxp;

namespace Axis.NationalSim.Control;

/// <summary>What the simulator is doing.</summary>
/// <param name="Now">Its time; <paramref name="ShownTime"/> is what its clock shows.</param>
/// <param name="Repeats">Files that a system sent again; with the vice forgets-repeats each made another letter.</param>
/// <param name="PlannedActs">What other provinces have still to do.</param>
public sealed record SimView(
    DateTimeOffset Now,
    DateTimeOffset ShownTime,
    double Scale,
    int Agencies,
    int Letters,
    int Repeats,
    int PlannedActs,
    IReadOnlyList<SystemView> Systems,
    IReadOnlyDictionary<string, long> Calls,
    IReadOnlyDictionary<string, Vice> Vices
);

/// <summary>A connected system. Its secret is shown nowhere.</summary>
public sealed record SystemView(
    string Id,
    IReadOnlyList<string> Codes,
    int WaitingDocuments,
    int WaitingStatuses,
    int SentDocuments,
    int SentStatuses
);

/// <summary>A document on the national axis, and what became of it at each recipient.</summary>
/// <param name="From">As the caller of sendEdoc named itself.</param>
/// <param name="System">The connected system that sent it; null: a province that is played.</param>
/// <param name="Sha256">Of the bytes that were sent, lower-case hex.</param>
/// <param name="HandedOutSha256">Of the bytes as recipients get them: others, if they were rewritten on their way.</param>
public sealed record LetterView(
    string DocId,
    string? DocumentId,
    string From,
    string? System,
    string Subject,
    string Notation,
    string Sha256,
    string HandedOutSha256,
    DateTimeOffset TakenAt,
    IReadOnlyList<CopyView> Copies
)
{
    internal static LetterView Of(Letter letter) =>
        new(
            letter.SenderDocId,
            letter.DocumentId,
            letter.From,
            letter.SystemId,
            letter.Title,
            letter.Notation,
            letter.Sha256,
            letter.HandedOutSha256,
            letter.TakenAt,
            [
                .. letter.Copies.Select(copy => new CopyView(
                    copy.DocId,
                    copy.To,
                    copy.SystemId,
                    copy.Status,
                    [.. copy.Said.Select(said => said.Code)]
                )),
            ]
        );
}

/// <summary>A document at one recipient code.</summary>
/// <param name="Transport">initial, processing, done or fail.</param>
/// <param name="Statuses">Codes that the recipient reported, in the order of their coming.</param>
public sealed record CopyView(
    string DocId,
    string To,
    string? System,
    string Transport,
    IReadOnlyList<string> Statuses
);

/// <summary>Reads views from the axis; each while nothing else happens on it.</summary>
internal sealed class SimViews(
    NationalAxis axis,
    NationalSimOptions options,
    Vices vices,
    Protocol.CallLog log
)
{
    public SimView Whole() =>
        axis.Do(() =>
            new SimView(
                axis.Now,
                axis.Shown,
                options.Scale,
                axis.Catalogue.Count,
                axis.Letters.Count,
                axis.Repeats,
                axis.WaitingAnswers,
                [.. options.Systems.Select(ViewOf)],
                log.Counts,
                vices.On.ToDictionary(pair => ViceNames.Of(pair.Key), pair => pair.Value)
            )
        );

    /// <summary>Documents, newest first.</summary>
    /// <param name="documentId">Null: all.</param>
    /// <param name="system">Sent by it; "" for those of played provinces; null: all.</param>
    public IReadOnlyList<LetterView> Letters(string? documentId, string? system, int most) =>
        axis.Do(() =>
            (IReadOnlyList<LetterView>)
                [
                    .. (documentId is null ? axis.Letters : axis.About(documentId))
                        .Reverse()
                        .Where(letter =>
                            letter.MessageType == VxpValue.MessageEdoc
                            && (system is null || (letter.SystemId ?? "") == system)
                        )
                        .Take(most)
                        .Select(LetterView.Of),
                ]
        );

    private SystemView ViewOf(SimSystem system) =>
        new(
            system.Id,
            system.Codes,
            axis.MailboxOf(system.Id, VxpValue.MessageEdoc).Count,
            axis.MailboxOf(system.Id, VxpValue.MessageStatus).Count,
            axis.SentBy(system.Id, VxpValue.MessageEdoc).Count(),
            axis.SentBy(system.Id, VxpValue.MessageStatus).Count()
        );
}
