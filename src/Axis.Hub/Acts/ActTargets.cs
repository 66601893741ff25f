using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Npgsql;

namespace Axis.Hub.Acts;

/// <summary>The letters an act is about, as deliveries: for each recipient the one it works with.</summary>
/// <param name="Deliveries">By recipient agency; a replacement of several letters may have several each.</param>
internal sealed record ActTargets(
    IReadOnlyList<Guid> Packages,
    ILookup<Guid, Guid> Deliveries,
    ErrorItem? Refusal
)
{
    public bool IsKnown => Packages.Count > 0;

    private static ActTargets None { get; } =
        new([], Array.Empty<(Guid, Guid)>().ToLookup(one => one.Item1, one => one.Item2), null);

    /// <summary>
    /// Reads the places where the field names a letter, in their order (docs/lifecycle.md). Only letters of the sender
    /// itself are looked at, and of those in whose place it acts.
    /// </summary>
    public static async Task<ActTargets> FindAsync(
        NpgsqlConnection connection,
        DocumentHeader header,
        Agency sender,
        RegistrySnapshot registry,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var named = registry
            .HeirdomOf(sender.Id, now)
            .SelectMany(own => NamesOf(header, own))
            .ToArray();
        var found = await LetterLookup.FindAsync(
            connection,
            [.. named.Select(one => one.Name)],
            recipients: null,
            cancellationToken
        );
        var chosen = new List<(Guid PackageId, Guid Recipient, Guid DeliveryId)>();
        for (var i = 0; i < named.Length; i++)
        {
            // One letter is named in several places, the best first; but each ReplacementInfo names one of its own.
            if (chosen.Count > 0 && named[i].Replaced is null)
            {
                break;
            }
            var letters = LettersOf(found[i]);
            var documents = letters.Select(letter => letter.DocumentId).Distinct().Count();
            if (documents > 1)
            {
                return None with
                {
                    Refusal = ActErrors.AmbiguousLetter.At(
                        "TraceHeaderList/Bussiness",
                        named[i].Name.NumberKey,
                        documents
                    ),
                };
            }
            var only = named[i].Replaced is { OrganIds.Count: > 0 } replaced
                ? AgenciesOf(replaced.OrganIds, registry, now)
                : null;
            chosen.AddRange(
                letters
                    .Where(letter => only?.Contains(letter.RecipientAgencyId) != false)
                    .GroupBy(letter => letter.RecipientAgencyId)
                    .Select(group => group.Last())
                    .Select(letter =>
                        (letter.PackageId, letter.RecipientAgencyId, letter.DeliveryId)
                    )
            );
        }
        return new ActTargets(
            [.. chosen.Select(one => one.PackageId).Distinct()],
            chosen.Distinct().ToLookup(one => one.Recipient, one => one.DeliveryId),
            null
        );
    }

    public static HashSet<Guid> AgenciesOf(
        IEnumerable<string> codes,
        RegistrySnapshot registry,
        DateTimeOffset now
    ) =>
        [
            .. codes
                .Select(code => registry.TryFindAgency(code, now, out var agency) ? agency : null)
                .OfType<Agency>()
                .Select(agency => agency.Id),
        ];

    private static IEnumerable<(LetterName Name, Replacement? Replaced)> NamesOf(
        DocumentHeader header,
        Guid sender
    )
    {
        var business = header.Business;
        var isReplacement = business.Type == BusinessType.Replace;
        if (isReplacement)
        {
            foreach (var one in business.Replacements.Where(one => one.DocumentId is not null))
            {
                yield return (NameOf(one.DocumentId!), one);
            }
        }
        if (business.DocumentId is { } inBusiness)
        {
            yield return (NameOf(inBusiness), null);
        }
        // A replacement is a letter of its own: its number says nothing of the letter it replaces.
        yield return (
            new LetterName(
                sender,
                header.DocumentId ?? "",
                isReplacement
                    ? ""
                    : new DocumentNumber(header.CodeNumber ?? "", header.CodeNotation ?? "").Key,
                header.PromulgationDate?.Date
            ),
            null
        );
        foreach (var answered in header.ResponseFor.Where(one => !one.IsEmpty))
        {
            yield return (LetterName.Of(sender, answered), null);
        }

        LetterName NameOf(string documentId) =>
            LetterName.Of(sender, new ResponseFor { DocumentId = documentId });
    }

    private static List<LetterCandidate> LettersOf(List<LetterCandidate> candidates)
    {
        var letters = candidates.Where(candidate => candidate.IsLetter).ToList();
        if (letters.Exists(letter => letter.ById))
        {
            letters.RemoveAll(letter => !letter.ById);
        }
        else if (letters.Exists(letter => !letter.IsTakenBack))
        {
            letters.RemoveAll(letter => letter.IsTakenBack);
        }
        return letters;
    }
}
