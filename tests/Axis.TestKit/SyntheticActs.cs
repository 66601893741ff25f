namespace Axis.TestKit;

/// <summary>Updates, replacements and recalls that go astray: what a sender does about a letter of the month.</summary>
public sealed partial class SyntheticMonth
{
    /// <summary>The letter as it stands after the act, and the package of the act; mostly there is none.</summary>
    /// <param name="left">Deliveries that the month may still have.</param>
    private (SyntheticLetter Letter, SyntheticLetter? Act) WithAct(
        SyntheticLetter letter,
        int number,
        int left
    )
    {
        var (kind, at) = (_random.NextDouble(), Later(letter.At, 24));
        return kind switch
        {
            // What becomes of the letter is counted, even if the update is of the next month.
            < 0.08 when at < AsOf => Updated(letter, number, at, at < _end && left > 0),
            < 0.12 when at < _end && left > 0 => Replaced(letter, number, at, left),
            < 0.13 when at < _end => (
                letter,
                LetterOf(1, number, at, letter, [letter.Deliveries[0].Recipient])
            ),
            _ => (letter, null),
        };
    }

    private (SyntheticLetter, SyntheticLetter) Updated(
        SyntheticLetter letter,
        int number,
        DateTimeOffset at,
        bool mayAdd
    )
    {
        var asked = letter.Deliveries.Select(one => Asked(one, at)).ToArray();
        int[] added =
            mayAdd && _random.NextDouble() < 0.5
                ?
                [
                    .. Enumerable
                        .Range(0, Agencies)
                        .Except(
                            letter.Deliveries.Select(one => one.Recipient).Append(letter.Sender)
                        )
                        .Take(1),
                ]
                : [];
        var update = LetterOf(2, number, at, letter, added);
        return (
            letter with
            {
                Deliveries = asked,
            },
            update with
            {
                Deliveries =
                [
                    .. update.Deliveries,
                    .. asked
                        .Except(letter.Deliveries)
                        .Select(one => new SyntheticDelivery(
                            Next(at),
                            one.Recipient,
                            "dispatched",
                            null,
                            null,
                            [Act(at, "accepted")],
                            null,
                            null
                        )
                        {
                            About = one.Id,
                        }),
                ],
            }
        );
    }

    private (SyntheticLetter, SyntheticLetter) Replaced(
        SyntheticLetter letter,
        int number,
        DateTimeOffset at,
        int left
    ) =>
        (
            letter with
            {
                Deliveries = [.. letter.Deliveries.Select(one => Replaced(one, at))],
            },
            LetterOf(
                3,
                number,
                at,
                letter,
                letter.Deliveries.Select(one => one.Recipient).Take(left)
            )
        );

    private SyntheticLetter LetterOf(
        int business,
        int number,
        DateTimeOffset at,
        SyntheticLetter about,
        IEnumerable<int> recipients
    ) => Letter(number, about.Sender, at, about.Due, recipients) with { Business = business };

    /// <summary>Asked to take an update. Work goes on beneath the question, which some never answer.</summary>
    private SyntheticDelivery Asked(SyntheticDelivery one, DateTimeOffset at)
    {
        if (HasEnded(one, at) || one.Dialogue is not null)
        {
            return one;
        }
        var acts = one.Acts.Append(Act(at, "update", outcome: "applied"));
        var answered = Later(
            one.Acts.Where(act => act.What == "collected" && act.At > at)
                .Select(act => act.At)
                .Append(at)
                .Max(),
            6
        );
        var answer =
            one.State != "collected" || one.Work == "02" || answered >= AsOf
                ? null
                : _random.NextDouble() switch
                {
                    < 0.4 => "15",
                    < 0.5 => "16",
                    _ => null,
                };
        if (answer is not null)
        {
            acts = acts.Append(Act(answered, "status", answer, "applied", "Về bản cập nhật"));
        }
        return one with
        {
            Acts = [.. acts.OrderBy(act => act.At)],
            Dialogue = answer switch
            {
                "15" => "update_agreed",
                "16" => "update_declined",
                _ => "update_asked",
            },
        };
    }

    /// <summary>Replaced: whatever is said of it later is too late.</summary>
    private SyntheticDelivery Replaced(SyntheticDelivery one, DateTimeOffset at)
    {
        if (HasEnded(one, at))
        {
            return one;
        }
        var before = one.Acts.Where(act => act.At <= at).ToArray();
        var taken = before.Any(act => act.What == "collected");
        return one with
        {
            State = taken ? "collected" : "replaced",
            Work = before
                .Where(act => act is { Status: "01" or "03" or "04" or "05", Outcome: "applied" })
                .Select(act => act.Status)
                .LastOrDefault(),
            Dialogue = taken ? "replaced" : null,
            Acts =
            [
                .. before,
                Act(at, "replace", outcome: "applied"),
                .. one
                    .Acts.Where(act => act.At > at && taken && act.Status is not null)
                    .Select(act => act with { Outcome = "late" }),
            ],
            Settled = one.DueAt is null ? null : new SyntheticEnd(at, "void"),
        };
    }

    private static bool HasEnded(SyntheticDelivery one, DateTimeOffset at) =>
        one.Acts.Any(act =>
            act.At <= at
            && (
                act.What is "expired" or "withdrawn"
                || act is { Status: "02" or "06" or "15", Outcome: "applied" }
            )
        );
}
