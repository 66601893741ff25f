using Axis.Hub.Errors;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>Which delivery a status report is about. Found in the database, never guessed; docs/lifecycle.md.</summary>
internal static class StatusMatching
{
    /// <summary>For each report the id of its delivery, or the reason why there is none.</summary>
    public static async Task<(Guid DeliveryId, ErrorItem? Refusal)[]> FindAsync(
        NpgsqlConnection connection,
        IReadOnlyList<StatusAcceptance> reports,
        CancellationToken cancellationToken
    )
    {
        var open = reports.Where(report => report.DeliveryId is null).ToArray();
        // A report may name agencies that took the place of those on the letter: it is asked for each of the family.
        var asked = open.SelectMany(report =>
                report.SenderFamily.Select((sender, near) => (report, sender, near))
            )
            .ToArray();
        var found = await LetterLookup.FindAsync(
            connection,
            [
                .. asked.Select(one =>
                    LetterName.Of(one.sender, one.report.Report.Header.ResponseFor)
                ),
            ],
            [.. open.SelectMany(report => report.RecipientFamily).Distinct()],
            cancellationToken
        );
        var candidates = asked
            .Zip(found)
            .SelectMany(pair =>
                pair.Second.Select(candidate => (pair.First.report, pair.First.near, candidate))
            )
            // By the object: to compare reports by what they say would hash every member of each.
            .ToLookup(
                one => one.report,
                one => (one.near, one.candidate),
                (IEqualityComparer<StatusAcceptance>)ReferenceEqualityComparer.Instance
            );
        return
        [
            .. reports.Select(report =>
                report.DeliveryId is { } known
                    ? (known, null)
                    : Choose(report, Nearest(report, candidates[report]))
            ),
        ];
    }

    /// <summary>The agencies named themselves go before those that they succeeded.</summary>
    private static List<LetterCandidate> Nearest(
        StatusAcceptance report,
        IEnumerable<(int Near, LetterCandidate Candidate)> candidates
    )
    {
        var far = report.RecipientFamily.ToList();
        return candidates
                .Select(one =>
                    (
                        Rank: one.Near,
                        Far: far.IndexOf(one.Candidate.RecipientAgencyId),
                        one.Candidate
                    )
                )
                .Where(one => one.Far >= 0)
                .GroupBy(one => one.Rank + one.Far, one => one.Candidate)
                .MinBy(group => group.Key)
                ?.OrderBy(candidate => candidate.DeliveryId)
                .ToList()
            ?? [];
    }

    private static (Guid DeliveryId, ErrorItem? Refusal) Choose(
        StatusAcceptance report,
        List<LetterCandidate> mine
    )
    {
        const string Path = "MessageHeader/ResponseFor";
        var responseFor = report.Report.Header.ResponseFor;
        var byId = mine.Where(candidate => candidate.ById).ToList();
        var named = byId.Count > 0 ? byId : mine;
        var letters = named.Where(candidate => candidate.IsLetter).ToList();
        if (letters.Exists(letter => !letter.IsTakenBack) && byId.Count == 0)
        {
            letters.RemoveAll(letter => letter.IsTakenBack);
        }
        var documents = letters
            .Select(letter => letter.DocumentId)
            .Distinct(StringComparer.Ordinal)
            .Count();
        if (documents > 1)
        {
            return (default, StatusErrors.AmbiguousDocument.At(Path, responseFor.Code, documents));
        }
        if ((NewestKnown(report.SaidAt, letters) ?? named.LastOrDefault()) is { } chosen)
        {
            return (chosen.About ?? chosen.DeliveryId, null);
        }
        return (
            default,
            StatusErrors.UnknownDocument.At(
                Path,
                responseFor.DocumentId ?? responseFor.Code,
                responseFor.DocumentId ?? responseFor.Code ?? "",
                report.Sender.PrimaryCode,
                report.Recipient.PrimaryCode
            )
        );
    }

    /// <summary>
    /// The newest, because a replacement or an update may have come under the same document id; but not one that still
    /// lies in the inbox and that the report cannot know of: moving it would take it away unread.
    /// </summary>
    private static LetterCandidate? NewestKnown(
        DateTimeOffset? saidAt,
        List<LetterCandidate> letters
    )
    {
        var at = letters.Count - 1;
        while (
            at > 0
            && letters[at].Position.IsUncollected
            && (
                saidAt is { } said
                    ? said.AddSeconds(1) <= letters[at].AcceptedAt
                    // It tells no time, so it is about one that the recipient has, if there is one.
                    : letters[..at].Exists(older => older.Position.State == "collected")
            )
        )
        {
            at--;
        }
        return at < 0 ? null : letters[at];
    }
}
