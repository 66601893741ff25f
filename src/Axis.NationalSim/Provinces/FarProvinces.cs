using Axis.EdXml;
using Axis.NationalSim.Catalogue;
using Axis.NationalSim.Exchange;
using Axis.Vxp;

namespace Axis.NationalSim.Provinces;

/// <summary>Everybody who is not connected for real: they take letters, report on them, and write letters of their own.</summary>
internal sealed class FarProvinces(
    NationalAxis axis,
    NationalSimOptions options,
    Vices vices,
    Agenda agenda
) : IDisposable
{
    private readonly FarSeal _seal = new();
    private bool _begun;
    private int _written;

    public void Dispose() => _seal.Dispose();

    /// <summary>From the first call on, the provinces write at their own pace.</summary>
    public void Begin(DateTimeOffset now)
    {
        if (_begun)
        {
            return;
        }
        _begun = true;
        foreach (var system in options.Systems.Where(_ => options.LettersPerHour > 0))
        {
            PlanOwnLetter(system.Id, now);
        }
    }

    public void Receive(Copy copy)
    {
        if (copy.Letter.Document is { } letter)
        {
            var steps = Conduct.Of(letter, copy.To, options.Seed);
            Plan(copy.Letter, steps[0].After, () => axis.Acknowledge(copy, VxpValue.Done));
            PlanReports(copy.Letter, copy, steps);
        }
        else if (copy.Letter.Report is { } report)
        {
            // Statuses are taken at once: no clerk is needed for it.
            axis.Acknowledge(copy, VxpValue.Done);
            if (report is { StatusCode: "13", ResponseFor.DocumentId: { } documentId })
            {
                var about = axis.About(documentId)
                    .FirstOrDefault(one => axis.IsSame(one.From, copy.Letter.From));
                if (about is not null)
                {
                    PlanReports(about, copy, Conduct.OfRequest(documentId, copy.To, options.Seed));
                }
            }
        }
    }

    /// <summary>Writes a letter now. Refused when an agency is not in the catalogue.</summary>
    public (Letter? Letter, string? Problem) Write(LetterWish wish)
    {
        if (
            FirstUnknown([.. wish.To, .. wish.From is { } from ? [from] : Array.Empty<string>()]) is
            { } code
        )
        {
            return (null, $"{code} is not in the catalogue");
        }
        var number = ++_written;
        var sender = wish.From is null ? SomeSender(number) : axis.Catalogue.Find(wish.From)!;
        var package = FarLetters.Write(
            wish,
            sender,
            [.. wish.To.Select(to => axis.Catalogue.Find(to)!)],
            number,
            axis.Shown,
            _seal
        );
        var reading = PackageReader.Read(package, ReadLimits.Default);
        var to = reading.Document!.To.Select(party => party.OrganId!).ToArray();
        return (
            axis.Take(
                package,
                reading,
                wish.From ?? sender.Code,
                sender.SystemId,
                to,
                number: number
            ),
            null
        );
    }

    /// <summary>A letter of that number was written before.</summary>
    public void HasWritten(int number) => _written = Math.Max(_written, number);

    /// <param name="copy">What the recipient got, and answers: the letter, or a request about it.</param>
    private void PlanReports(Letter letter, Copy copy, IReadOnlyList<Step> steps)
    {
        foreach (var step in steps)
        {
            Plan(copy.Letter, step.After, () => Report(letter, copy, step));
        }
    }

    private void Report(Letter letter, Copy copy, Step step)
    {
        var recipient = copy.To;
        var planned = $"{copy.DocId} {step.Code}";
        // Asked first, because it also notes who gives a letter back.
        if (IsGivenBack(letter, recipient, step) || axis.HasSaid(planned))
        {
            return;
        }
        var agency = axis.Catalogue.Find(recipient)!;
        var name =
            vices.Has(ViceKind.OldCodes) is not null && agency.OldCode.Length > 0
                ? agency.OldCode
                : recipient;
        var package = FarReports.Write(
            letter.Document!,
            name,
            agency,
            step,
            vices.Has(ViceKind.BareStatuses) is null,
            axis.Shown
        );
        axis.Take(
            package,
            PackageReader.Read(package, ReadLimits.Default),
            name,
            systemId: null,
            [letter.From],
            planned
        );
    }

    /// <summary>Who agrees to give a letter back, or has it replaced, reports no further work on it.</summary>
    private bool IsGivenBack(Letter letter, string recipient, Step step)
    {
        if (letter.DocumentId is not { } documentId)
        {
            return false;
        }
        var copies = axis.About(documentId)
            .Where(one => one.Document is { Business.Type: not BusinessType.Recall })
            .SelectMany(one => one.Copies)
            .Where(copy => axis.IsSame(copy.To, recipient))
            .ToArray();
        if (step.Code == "15" && letter.Document!.Business.Type != BusinessType.Update)
        {
            Array.ForEach(copies, copy => copy.IsGivenBack = true);
            return false;
        }
        return step.Code is "04" or "05" or "06" && copies.Any(copy => copy.IsGivenBack);
    }

    private void PlanOwnLetter(string system, DateTimeOffset from)
    {
        var chance = Chance.Of($"pace {system} {_written}", options.Seed);
        var pause = TimeSpan.FromHours(
            -Math.Log(1 - chance.Next()) / (options.LettersPerHour * options.Scale)
        );
        agenda.Plan(
            from + pause,
            () =>
            {
                if (SomeRecipient(system) is { } recipient)
                {
                    Write(new LetterWish { To = [recipient.Code] });
                }
                PlanOwnLetter(system, from + pause);
            }
        );
    }

    private NationalAgency SomeSender(int number) =>
        Some(axis.Catalogue.All.Where(IsPlayed), Chance.Of($"sender {number}", options.Seed))
        ?? axis.Catalogue.All.First();

    private NationalAgency? SomeRecipient(string system) =>
        Some(
            axis.Catalogue.All.Where(one =>
                one is { IsClosed: false, IsAgency: true } && one.SystemId == system
            ),
            Chance.Of($"recipient {_written}", options.Seed)
        );

    private static bool IsPlayed(NationalAgency one) =>
        one is { IsClosed: false, IsAgency: true, SystemId: null };

    private static NationalAgency? Some(IEnumerable<NationalAgency> among, Chance chance)
    {
        // The first hundreds are roots and departments, which is who writes.
        NationalAgency[] some = [.. among.Take(400)];
        return some.Length == 0 ? null : some[chance.Below(some.Length)];
    }

    private string? FirstUnknown(IEnumerable<string> codes) =>
        codes.FirstOrDefault(code => axis.Catalogue.Find(code) is null);

    private void Plan(Letter from, TimeSpan after, Action act) =>
        agenda.Plan(from.TakenAt + (after / options.Scale), act);
}
