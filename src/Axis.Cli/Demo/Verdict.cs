using Axis.Cli.Terminal;
using Axis.Client;
using Axis.EdXml;

namespace Axis.Cli.Demo;

/// <summary>Compares what was planned, what the offices saw, and what the hub says of it.</summary>
internal static class Verdict
{
    private const string BrokenSignature = "AXIS-4002";
    private const string Withdrawn = "AXIS-5211";

    /// <summary>Adds a complaint for everything that is not as it should be.</summary>
    public static async Task JudgeAsync(
        MorningPlan plan,
        IReadOnlyDictionary<string, OfficeDesk> desks,
        RestOfTheCountry? country,
        CancellationToken cancellation
    )
    {
        foreach (var letter in plan.All)
        {
            var http = desks[letter.OfficeSystem].Http;
            if (letter.Broken)
            {
                await JudgeRefusedAsync(letter, http, cancellation);
            }
            else if (letter.PackageId is { } id)
            {
                var view = await http.GetPackageAsync(id, cancellation);
                foreach (var addressee in letter.To)
                {
                    Judge(letter, addressee, view);
                    if (addressee is { LeavesIt: true, DeliveryId: { } left })
                    {
                        await JudgeLeftAsync(
                            letter,
                            addressee,
                            left,
                            desks[addressee.OfficeSystem!].Http,
                            cancellation
                        );
                    }
                }

                if (country is not null && letter.To.Any(to => to.IsReached))
                {
                    await JudgeFarAsync(letter, country, cancellation);
                }

                using var kept = new MemoryStream();
                if (await http.DownloadPackageAsync(id, kept, cancellation) != letter.Sha256)
                {
                    letter.Complaints.Add("the hub keeps other bytes than were sent");
                }
            }
            else
            {
                letter.Complaints.Add("was not accepted");
            }
        }
    }

    /// <summary>The rest of the country has it once, with the bytes that were sent.</summary>
    private static async Task JudgeFarAsync(
        Letter letter,
        RestOfTheCountry country,
        CancellationToken cancellation
    )
    {
        var there = (await country.FindAsync(letter.DocumentId, cancellation))
            .Where(one => one.Sha256 == letter.Sha256)
            .ToList();
        foreach (var to in letter.To.Where(to => to.IsReached))
        {
            var copies = there.Sum(one => one.Copies.Count(copy => copy.To == to.Code));
            if (copies != 1)
            {
                letter.Complaints.Add(
                    $"{to.Code}: the national axis has {copies} copies with these bytes, not one"
                );
            }
        }
    }

    /// <summary>What was taken back from an inbox is not there any more, and its bytes are not given out.</summary>
    private static async Task JudgeLeftAsync(
        Letter letter,
        Addressee addressee,
        Guid deliveryId,
        AxisHttpClient http,
        CancellationToken cancellation
    )
    {
        var inbox = await http.ListInboxAsync(100, TimeSpan.Zero, cancellation);
        if (inbox.Any(item => item.DeliveryId == deliveryId))
        {
            letter.Complaints.Add($"{addressee.Code}: was withdrawn, and still lies in the inbox");
        }

        try
        {
            using var content = new MemoryStream();
            await http.DownloadDeliveryAsync(deliveryId, content, cancellation);
            letter.Complaints.Add($"{addressee.Code}: was withdrawn, and can still be fetched");
        }
        catch (AxisRefusedException e) when (e.Problem.Errors.Any(one => one.Code == Withdrawn))
        {
            // As it should be.
        }
    }

    private static async Task JudgeRefusedAsync(
        Letter letter,
        AxisHttpClient http,
        CancellationToken cancellation
    )
    {
        if (letter.Refusal != BrokenSignature)
        {
            letter.Complaints.Add(
                $"should be refused with {BrokenSignature}, not {letter.Refusal ?? "accepted"}"
            );
        }

        if ((await http.FindByDocumentIdAsync(letter.DocumentId, cancellation)).Count > 0)
        {
            letter.Complaints.Add("was refused, and yet something of it was stored");
        }
    }

    private static void Judge(Letter letter, Addressee addressee, PackageView view)
    {
        void Complain(string what) => letter.Complaints.Add($"{addressee.Code}: {what}");

        var deliveries = view
            .Deliveries.Where(delivery => delivery.Recipient == addressee.Code)
            .ToList();
        if (deliveries is not [var delivery])
        {
            Complain($"has {deliveries.Count} deliveries, not one");
            return;
        }

        if (addressee.EndsAs is { } stage && delivery.Stage != stage)
        {
            Complain($"should end as {stage}, not {delivery.Stage}");
        }

        foreach (var heard in addressee.Hears.Where(type => !addressee.Heard.Contains(type)))
        {
            Complain($"did not hear {heard}");
        }

        if (addressee.LeavesIt)
        {
            if (!addressee.IsLeft)
            {
                Complain($"did not come to the inbox; the hub says {delivery.State}");
            }

            return;
        }

        if (addressee.IsHeld)
        {
            if (addressee.EndsAs is null && delivery.State != "held")
            {
                Complain($"should be held for the national axis, not {delivery.State}");
            }

            return;
        }

        if (addressee.IsReached)
        {
            if (delivery.State != "collected")
            {
                Complain($"went to the national axis, but the hub says {delivery.State}");
            }

            if (!addressee.Told.Any(news => addressee.Reports.Contains(news.Code)))
            {
                Complain(
                    $"none of {string.Join(", ", addressee.Reports)} came back from the national axis"
                );
            }

            return;
        }

        switch (addressee.Identical)
        {
            case null:
                Complain($"did not arrive; the hub says {delivery.State} {delivery.LastError}");
                return;
            case false:
                Complain("arrived with other bytes than were sent");
                break;
        }

        if (delivery.State != "collected")
        {
            Complain($"was acknowledged, but the hub says {delivery.State}");
        }

        if (
            addressee.EndsAs is null
            && letter.Business is BusinessType.New or BusinessType.Replace
            && addressee.Reports is [.., var last]
            && delivery.Status != last
        )
        {
            Complain(
                $"ended with {last} {Format.StatusName(last)}, but the hub says {delivery.Status ?? "nothing"}"
            );
        }

        foreach (var (code, sha256) in addressee.Reported)
        {
            var told = addressee.Told.Where(news => news.Code == code).ToList();
            if (told is not [var news])
            {
                Complain($"reported {code}, and the sender was told {told.Count} times");
            }
            else if (news.Sha256 != sha256)
            {
                Complain($"the package of status {code} reached the sender with other bytes");
            }
        }

        if (addressee.Reported.Count != addressee.Reports.Count)
        {
            Complain($"reported {addressee.Reported.Count} of {addressee.Reports.Count} statuses");
        }
    }
}
