using Axis.Chaos.Offices;

namespace Axis.Chaos.Books;

/// <summary>What the ledgers say when they are laid side by side.</summary>
public sealed record Verdict(
    int Accepted,
    int Deliveries,
    int Lost,
    int NotAccepted,
    int WrongBytes,
    int VisibleDuplicates,
    int Unsent,
    int StatusesMissing,
    int EventsMissing,
    int EventDuplicates,
    int EventsAstray,
    int WireRepeats,
    int RepeatedSubmissions,
    int RepeatedEvents,
    int RepeatedAnswers,
    int RefusedPoison,
    IReadOnlyList<string> Complaints
)
{
    /// <summary>Whether the ledgers agree.</summary>
    public bool IsClean =>
        Lost == 0
        && NotAccepted == 0
        && WrongBytes == 0
        && VisibleDuplicates == 0
        && Unsent == 0
        && StatusesMissing == 0
        && EventsMissing == 0
        && EventDuplicates == 0
        && EventsAstray == 0
        && Complaints.Count == 0;
}

public static class Audit
{
    /// <summary>The statuses that every delivery goes through.</summary>
    public static IReadOnlyList<string> Statuses { get; } = ["01", "03", "06"];

    private const int MostComplaints = 50;

    public static Verdict Compare(IReadOnlyList<Office> offices)
    {
        var complaints = offices
            .SelectMany(office => office.Ledger.Complaints.Select(words => $"{office.Id}: {words}"))
            .ToList();
        var byCode = offices.ToDictionary(office => office.Code, StringComparer.Ordinal);
        var arrivals = offices.ToDictionary(
            office => office.Code,
            office =>
                office.Ledger.Received.Values.ToLookup(
                    letter => letter.DocumentId,
                    StringComparer.Ordinal
                ),
            StringComparer.Ordinal
        );
        var (accepted, deliveries, lost, open, wrong, duplicates) = (0, 0, 0, 0, 0, 0);
        var (statuses, events, eventDuplicates) = (0, 0, 0);
        foreach (var sender in offices)
        {
            foreach (var letter in sender.Ledger.Sent.Values)
            {
                if (letter.PackageId is null)
                {
                    open++;
                    complaints.Add($"{letter.DocumentId} was never accepted");
                    continue;
                }
                accepted++;
                foreach (var recipient in letter.Recipients)
                {
                    var came = arrivals[recipient][letter.DocumentId].ToArray();
                    if (came.Length == 0)
                    {
                        lost++;
                        complaints.Add($"{letter.DocumentId} never reached {recipient}");
                        continue;
                    }
                    deliveries++;
                    duplicates += came.Length - 1;
                    if (came.Length > 1)
                    {
                        complaints.Add(
                            $"{letter.DocumentId} came to {recipient} as {came.Length} deliveries: {string.Join(", ", came.Select(one => one.DeliveryId))}"
                        );
                    }
                    if (
                        !letter.Deliveries.TryGetValue(recipient, out var promised)
                        || Array.TrueForAll(came, one => one.DeliveryId != promised)
                    )
                    {
                        complaints.Add(
                            $"{letter.DocumentId} came to {recipient} as another delivery than its receipt says"
                        );
                    }
                    foreach (var one in came.Where(one => one.Sha256 != letter.Sha256))
                    {
                        wrong++;
                        complaints.Add(
                            $"{letter.DocumentId} came to {recipient} with other bytes than were sent"
                        );
                    }
                    foreach (var status in Statuses)
                    {
                        if (!came[0].Reported.Contains(status))
                        {
                            statuses++;
                            complaints.Add(
                                $"{letter.DocumentId} at {recipient}: {status} was not accepted"
                            );
                            continue;
                        }
                        if (
                            !sender.Ledger.Heard.TryGetValue(
                                (came[0].DeliveryId, status),
                                out var ids
                            )
                        )
                        {
                            events++;
                            complaints.Add(
                                $"{letter.DocumentId}: {sender.Id} heard nothing of {status} at {recipient}"
                            );
                            continue;
                        }
                        eventDuplicates += ids.Count - 1;
                        if (ids.Count > 1)
                        {
                            complaints.Add(
                                $"{letter.DocumentId}: {sender.Id} heard of {status} at {recipient} under {ids.Count} ids"
                            );
                        }
                    }
                }
            }
        }
        string[] unsent = [.. offices.SelectMany(office => FindUnsent(office, byCode))];
        string[] astray = [.. offices.SelectMany(office => FindAstray(office, offices))];
        complaints.AddRange([.. unsent, .. astray]);
        var ledgers = offices.Select(office => office.Ledger).ToArray();
        return new Verdict(
            accepted,
            deliveries,
            lost,
            open,
            wrong,
            duplicates,
            unsent.Length,
            statuses,
            events,
            eventDuplicates,
            astray.Length,
            ledgers.Sum(ledger => ledger.Received.Values.Sum(letter => letter.Times - 1)),
            ledgers.Sum(ledger => ledger.RepeatedSubmissions),
            ledgers.Sum(ledger => ledger.RepeatedEvents),
            ledgers.Sum(ledger => ledger.RepeatedAnswers),
            ledgers.Sum(ledger => ledger.RefusedPoison),
            [.. complaints.Take(MostComplaints)]
        );
    }

    /// <summary>Letters that an office system has and nobody sent to it.</summary>
    private static IEnumerable<string> FindUnsent(
        Office office,
        Dictionary<string, Office> byCode
    ) =>
        office
            .Ledger.Received.Values.Where(letter =>
                !byCode.TryGetValue(letter.Sender, out var sender)
                || !sender.Ledger.Sent.TryGetValue(letter.DocumentId, out var sent)
                || !sent.Recipients.Contains(office.Code)
            )
            .Select(letter => $"{letter.DocumentId} came to {office.Code} and was not sent to it");

    /// <summary>
    /// Events that a sender must not have heard: of a letter that is not its own, of a status that its recipient never
    /// reported, or with another report than the recipient wrote.
    /// </summary>
    private static IEnumerable<string> FindAstray(Office sender, IReadOnlyList<Office> offices)
    {
        var letters = offices
            .SelectMany(office => office.Ledger.Received.Values)
            .Where(letter => sender.Ledger.Sent.ContainsKey(letter.DocumentId))
            .ToLookup(letter => letter.DeliveryId);
        foreach (var (said, events) in sender.Ledger.Heard)
        {
            var reports = letters[said.DeliveryId]
                .Select(letter => letter.ReportOf(said.Status))
                .OfType<string>()
                .ToArray();
            foreach (var (id, _) in events.Where(one => !reports.Contains(one.Value)))
            {
                yield return $"{sender.Id} heard of {said.Status} of {said.DeliveryId}, which nobody reported so about a letter of its own (event {id})";
            }
        }
    }
}
