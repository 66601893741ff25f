using Axis.Chaos.Books;
using Axis.Chaos.Offices;
using Axis.NationalSim.Control;

namespace Axis.Chaos.Border;

/// <summary>One direction, when the ledgers of both sides are laid side by side.</summary>
/// <param name="Letters">One for each recipient.</param>
/// <param name="Twice">Seen twice by those who got it.</param>
/// <param name="Unsent">Arrived, and in nobody's ledger as sent.</param>
/// <param name="Statuses">About these letters, on their way back.</param>
/// <param name="StatusesTwice">Of them, arrived under two ids.</param>
public sealed record Direction(
    int Letters,
    int Lost,
    int WrongBytes,
    int Twice,
    int Unsent,
    int Statuses,
    int StatusesMissing,
    int StatusesTwice
)
{
    public bool IsClean => Lost + WrongBytes + Twice + Unsent + StatusesMissing == 0 && Letters > 0;
}

public sealed record BorderVerdict(
    Direction Out,
    Direction In,
    int NotAccepted,
    IReadOnlyList<string> Complaints
)
{
    public bool IsClean => Out.IsClean && In.IsClean && NotAccepted == 0 && Complaints.Count == 0;
}

/// <summary>Lays the ledgers of the province's offices beside that of the national axis.</summary>
internal sealed class BorderAudit(
    IReadOnlyList<Office> offices,
    IReadOnlyList<LetterView> there,
    IReadOnlyDictionary<Guid, string> shown
)
{
    private const int MostComplaints = 50;

    private readonly List<string> _complaints =
    [
        .. offices.SelectMany(office =>
            office.Ledger.Complaints.Select(words => $"{office.Id}: {words}")
        ),
    ];

    /// <summary>Offices of ours that a letter from outside is for: one, though it names both of their codes.</summary>
    public static IEnumerable<string> RecipientsOf(LetterView letter) =>
        letter
            .Copies.Select(copy => FarProvince.OwnCodeOf(copy.To))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);

    public BorderVerdict Compare()
    {
        var (outward, notAccepted) = CompareOut();
        var inward = CompareIn();
        return new BorderVerdict(
            outward,
            inward,
            notAccepted,
            [.. _complaints.Take(MostComplaints)]
        );
    }

    private (Direction, int NotAccepted) CompareOut()
    {
        var far = there
            .Where(letter => letter.System is not null)
            .ToLookup(letter => letter.DocumentId!, StringComparer.Ordinal);
        var (letters, lost, wrong, twice, notAccepted) = (0, 0, 0, 0, 0);
        var (statuses, missing, statusesTwice) = (0, 0, 0);
        foreach (var sender in offices)
        {
            foreach (var letter in sender.Ledger.Sent.Values)
            {
                if (letter.PackageId is null)
                {
                    notAccepted++;
                    _complaints.Add($"{letter.DocumentId} was never accepted");
                    continue;
                }
                foreach (
                    var code in letter.Recipients.Where(code => FarProvince.OwnCodeOf(code) is null)
                )
                {
                    letters++;
                    var came = far[letter.DocumentId]
                        .Where(one => one.Copies.Any(copy => copy.To == code))
                        .ToArray();
                    if (came.Length == 0)
                    {
                        lost++;
                        _complaints.Add($"{letter.DocumentId} never reached {code}");
                        continue;
                    }
                    if (came.Length > 1)
                    {
                        twice++;
                        _complaints.Add(
                            $"{letter.DocumentId} reached {code} {came.Length} times: {string.Join(", ", came.Select(one => $"{one.DocId} at {one.TakenAt:HH:mm:ss.fff}"))}"
                        );
                    }
                    wrong += came.Count(one => one.Sha256 != letter.Sha256);
                    var said = came[0].Copies.First(copy => copy.To == code).Statuses;
                    var (notHeard, again) = Heard(sender, letter, code, said);
                    statuses += said.Count;
                    missing += notHeard;
                    statusesTwice += again;
                }
            }
        }
        var known = offices.SelectMany(office => office.Ledger.Sent.Keys).ToHashSet();
        return (
            new Direction(
                letters,
                lost,
                wrong,
                twice,
                far.Count(group => !known.Contains(group.Key)),
                statuses,
                missing,
                statusesTwice
            ),
            notAccepted
        );
    }

    private (int Missing, int Twice) Heard(
        Office sender,
        SentLetter letter,
        string code,
        IReadOnlyList<string> said
    )
    {
        var (missing, twice) = (0, 0);
        if (said.Count == 0)
        {
            missing++;
            _complaints.Add($"{letter.DocumentId}: {code} has said nothing yet");
            return (missing, twice);
        }
        var delivery = letter.Deliveries[code];
        foreach (var status in said)
        {
            if (!sender.Ledger.Heard.TryGetValue((delivery, status), out var ids))
            {
                missing++;
                _complaints.Add(
                    $"{letter.DocumentId}: {sender.Id} heard nothing of {status} at {code}"
                );
                continue;
            }
            twice += ids.Count - 1;
        }
        if (shown.GetValueOrDefault(delivery) is var last && last != said[^1])
        {
            _complaints.Add(
                $"{letter.DocumentId}: {code} said {string.Join(" ", said)}, and the hub shows {last}"
            );
        }
        return (missing, twice);
    }

    private Direction CompareIn()
    {
        var arrivals = offices.ToDictionary(
            office => office.Code,
            office =>
                office.Ledger.Received.Values.ToLookup(
                    letter => letter.DocumentId,
                    StringComparer.Ordinal
                ),
            StringComparer.Ordinal
        );
        var (letters, lost, wrong, twice) = (0, 0, 0, 0);
        var (statuses, missing, statusesTwice) = (0, 0, 0);
        foreach (var letter in there.Where(letter => letter.System is null))
        {
            foreach (var code in RecipientsOf(letter))
            {
                letters++;
                var came = arrivals[code][letter.DocumentId!].ToArray();
                if (came.Length == 0)
                {
                    lost++;
                    _complaints.Add($"{letter.DocumentId} was never collected by {code}");
                    continue;
                }
                twice += came.Length - 1;
                // What the axis has written anew comes as it was handed out.
                wrong += came.Count(one => one.Sha256 != letter.HandedOutSha256);
                var said = letter
                    .Copies.Where(copy => FarProvince.OwnCodeOf(copy.To) == code)
                    .SelectMany(copy => copy.Statuses)
                    .ToArray();
                statuses += Audit.Statuses.Count;
                missing += Audit.Statuses.Count(status => !said.Contains(status));
                statusesTwice += said.Length - said.Distinct().Count();
                if (!said.Distinct().SequenceEqual(Audit.Statuses))
                {
                    _complaints.Add(
                        $"{letter.DocumentId}: its sender heard of {code} {string.Join(" ", said)}"
                    );
                }
            }
        }
        var known = there.Select(letter => letter.DocumentId).ToHashSet();
        return new Direction(
            letters,
            lost,
            wrong,
            twice,
            offices.Sum(office =>
                office.Ledger.Received.Values.Count(letter =>
                    FarProvince.OwnCodeOf(letter.Sender) is null
                    && !known.Contains(letter.DocumentId)
                )
            ),
            statuses,
            missing,
            statusesTwice
        );
    }
}
