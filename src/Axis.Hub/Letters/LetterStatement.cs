using Axis.Hub.Access;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;

namespace Axis.Hub.Letters;

/// <summary>How the letters of a question are found.</summary>
internal enum LetterWay
{
    /// <summary>A document id or a number names a few packages.</summary>
    Named,

    /// <summary>There is an index in the order of the page: the page is read off.</summary>
    Listed,

    /// <summary>Words, or two agencies that narrow each other.</summary>
    Searched,
}

/// <summary>
/// The statements that find the packages of a question, newest first. Which index is walked is decided here and not left
/// to the planner's guess; docs/tracking.md argues why each way is short. Whatever is found is found only for those whose
/// letters it is.
/// </summary>
internal static class LetterStatement
{
    /// <summary>Newest letters that a search looks at one by one before it asks the index of words.</summary>
    public const int Glance = 3_000;

    /// <summary>More agencies than this are not walked one by one for a page of all their letters.</summary>
    private const int Several = 8;

    /// <summary>So many letters in a stage are looked at one by one, at most.</summary>
    public const int Few = 4_000;

    /// <summary>So many of the newest letters tell how frequent each word of a question is.</summary>
    public const int Sample = 1_000;

    /// <summary>Fewer letters than this with one of the words, of a sample: the index is short whatever else is asked.</summary>
    public const int RareInSample = 10;

    /// <summary>More words than this do not narrow each other one by one.</summary>
    private const int Apart = 6;

    /// <summary>Where the newest letters end that are looked at one by one.</summary>
    public const string EndOfGlance = """
        SELECT p.id FROM package p WHERE p.id >= @from AND p.id < @before ORDER BY p.id DESC OFFSET @glance - 1 LIMIT 1
        """;

    /// <summary>The words of a question, each alone, the rarest first, and how many letters of a sample have it.</summary>
    public const string Rarity = $"""
        WITH newest AS MATERIALIZED (
            SELECT p.words FROM package p WHERE {InWindow} ORDER BY p.id DESC LIMIT @sample
        )
        SELECT w.word, (SELECT count(*) FROM newest WHERE newest.words @@ w.asked)::int AS letters
        FROM unnest(@each::text[], @each::text[]::tsquery[]) AS w (word, asked)
        ORDER BY letters, w.word
        """;

    public static LetterWay WayOf(LetterQuery query, Sees sees)
    {
        var agencies = query.Senders ?? query.Recipients ?? sees.Agencies;
        return query switch
        {
            { DocumentId: not null } or { NumberKey: not null } => LetterWay.Named,
            { Words: not null } or { Senders: not null, Recipients: not null } =>
                LetterWay.Searched,
            // Somebody else's letters to or from me, and mine to myself: two agencies each.
            { Senders: { } senders } when !AreListed(senders, LetterDirection.Sent) =>
                LetterWay.Searched,
            { Recipients: { } recipients } when !AreListed(recipients, LetterDirection.Received) =>
                LetterWay.Searched,
            { State: null } when agencies is { Length: > Several } => LetterWay.Searched,
            _ => LetterWay.Listed,
        };

        bool AreListed(Guid[] agencies, LetterDirection side) =>
            sees.Agencies is not { } own
            || (agencies.All(own.Contains) && (query.Direction ?? side) == side);
    }

    /// <param name="each">The words of the question, each alone, those first that narrow most.</param>
    public static object ValuesOf(
        LetterQuery query,
        Sees sees,
        IdRange window,
        int limit,
        Guid[]? packages = null,
        IReadOnlyList<string>? each = null
    ) =>
        new
        {
            documentId = query.DocumentId,
            numberKey = query.NumberKey,
            senders = query.Senders,
            recipients = query.Recipients,
            words = query.Words is { } words ? SubjectWords.ForQuestion(words) : null,
            each = TakenApart(each ?? WordsOf(query)),
            agencies = sees.Agencies,
            sending = query.Senders ?? sees.Agencies ?? [],
            receiving = query.Recipients ?? sees.Agencies ?? [],
            stage = query.State,
            stages = query.State is { } state ? [state] : StageNames.All.ToArray(),
            packages = packages ?? [],
            from = window.From,
            before = window.Before,
            // The deliveries of a package are made with it, so their ids are of the same instant, or soon after.
            since = IdDays.Floor(IdDays.InstantOf(window.From)),
            until = IdDays.Floor(
                IdDays.InstantOf(window.Before) is var end
                && end < DateTimeOffset.MaxValue.AddDays(-2)
                    ? end.AddDays(1)
                    : end
            ),
            glance = Glance,
            limit,
        };

    public static object RarityValuesOf(LetterQuery query, IdRange newest) =>
        new
        {
            each = WordsOf(query).ToArray(),
            from = newest.From,
            before = newest.Before,
            sample = Sample,
        };

    private static IReadOnlyList<string> WordsOf(LetterQuery query) =>
        query.Words is { } words ? [.. SubjectWords.Of(words)] : [];

    // What is one too many goes with the last.
    private static string[] TakenApart(IReadOnlyList<string> words) =>
        words.Count <= Apart
            ? [.. words]
            : [.. words.Take(Apart - 1), string.Join(" & ", words.Skip(Apart - 1))];

    /// <summary>The key tables name a few packages; the rest is a filter.</summary>
    public static string Named(LetterQuery query, Sees sees) =>
        $"""
            SELECT p.id FROM package p
            WHERE p.id IN ({(
                query.DocumentId is not null
                    ? "SELECT package_id FROM document_key WHERE document_id = @documentId AND variant <> 'status'"
                    : "SELECT package_id FROM document_number WHERE number_key = @numberKey"
            )}) AND {InWindow}
                AND {string.Join(
                " AND ",
                [.. Narrowing(query, sees), $"EXISTS ({Exactly(query)})"]
            )}
            ORDER BY p.id DESC LIMIT @limit
            """;

    /// <summary>
    /// Of given packages those that are asked for, the newest first. Each is read by its key before its words are
    /// looked at: otherwise the planner may ask the index of words for everything that has them.
    /// </summary>
    public static string OfPackages(LetterQuery query, Sees sees) =>
        $"""
            SELECT p.id FROM (SELECT DISTINCT id FROM unnest(@packages) AS s (id) ORDER BY id DESC OFFSET 0) AS s
            CROSS JOIN LATERAL (
                SELECT p.id, p.sender_agency_id, p.words FROM package p WHERE p.id = s.id AND {InWindow} OFFSET 0
            ) AS p {Seen(query, sees)}
            {(query.Words is null ? "" : "WHERE p.words @@ @words::tsquery")}
            LIMIT @limit
            """;

    /// <summary>Each list's own walk along its index, and the newest of all of them.</summary>
    public static string Listed(LetterQuery query, Sees sees) =>
        $"""
            SELECT DISTINCT id FROM (
            {string.Join("\nUNION ALL\n", Lists(query, sees, inOrder: true))}
            ) AS listed ORDER BY id DESC LIMIT @limit
            """;

    /// <summary>
    /// Of how many lists the letters in a stage are walked newest first. Zero: of too many, and so they are read in no
    /// order.
    /// </summary>
    public static int WalkedLists(LetterQuery query, Sees sees)
    {
        var own = sees.Agencies?.Length ?? 0;
        var lists = (query.Senders?.Length ?? own) + (query.Recipients?.Length ?? own);
        return lists <= Several ? Math.Max(lists, 1) : 0;
    }

    /// <summary>Letters in the stage that is asked for, in no order, and no more than the limit.</summary>
    public static string InStage(LetterQuery query, Sees sees) =>
        $"""
            SELECT id FROM (
            {string.Join("\nUNION ALL\n", Lists(query, sees, inOrder: false))}
            ) AS listed LIMIT @limit
            """;

    /// <summary>Along the primary key, one letter after the other.</summary>
    public static string Glanced(LetterQuery query, Sees sees) =>
        $"""
            SELECT p.id FROM (
                SELECT p.* FROM package p WHERE {InWindow} ORDER BY p.id DESC LIMIT @glance
            ) AS p {Seen(query, sees)}
            WHERE {string.Join(" AND ", Narrowing(query, sees))}
            LIMIT @limit
            """;

    /// <summary>
    /// By the index of words and parties. What it finds is sorted before anything else is asked of it, so that only the
    /// page pays for the rest.
    /// </summary>
    public static string Searched(LetterQuery query, Sees sees) =>
        $"""
            WITH found AS MATERIALIZED (
                SELECT p.id, p.sender_agency_id FROM package p
                WHERE {InWindow} AND {string.Join(" AND ", Indexed(query, sees))}
            )
            SELECT p.id FROM (SELECT * FROM found ORDER BY id DESC OFFSET 0) AS p {Seen(
                query,
                sees
            )}
            LIMIT @limit
            """;

    private const string InWindow = "p.id >= @from AND p.id < @before";

    /// <summary>What is in the row of the package.</summary>
    private static List<string> Narrowing(LetterQuery query, Sees sees)
    {
        List<string> narrowing = [];
        if (query.Words is not null)
        {
            narrowing.Add("p.words @@ @words::tsquery");
        }
        if (!sees.IsEverything)
        {
            narrowing.Add("p.parties && @agencies");
        }
        if (query.Senders is not null)
        {
            narrowing.Add("p.parties && @senders");
        }
        if (query.Recipients is not null)
        {
            narrowing.Add("p.parties && @recipients");
        }
        return narrowing;
    }

    /// <summary>
    /// What the index is asked, parties and words in its order: one condition after the other tells the next where to go
    /// on, so those that narrow most come first, and each word is a condition of its own.
    /// </summary>
    private static List<string> Indexed(LetterQuery query, Sees sees)
    {
        List<string> asked = [];
        if (query.Senders is not null)
        {
            asked.Add("p.parties && @senders");
        }
        if (query.Recipients is not null)
        {
            asked.Add("p.parties && @recipients");
        }
        var words = TakenApart(WordsOf(query)).Length;
        // Of many agencies each has a list, and to look into all of them for each letter costs more than to look at its
        // deliveries in the end.
        if (sees.Agencies is { } own && (own.Length <= Several || asked.Count + words == 0))
        {
            asked.Add("p.parties && @agencies");
        }
        asked.AddRange(
            Enumerable.Range(1, words).Select(n => $"p.words @@ (@each::text[])[{n}]::tsquery")
        );
        return asked;
    }

    /// <summary>The delivery that makes a package one that is asked for: looked for one package at a time.</summary>
    private static string Seen(LetterQuery query, Sees sees) =>
        // An operator's words ask nothing of deliveries.
        sees.IsEverything && query is { Senders: null, Recipients: null, State: null }
            ? ""
            : $"CROSS JOIN LATERAL ({Exactly(query)} LIMIT 1) AS seen";

    /// <summary>What was asked and who may see it, of the package and of one and the same delivery.</summary>
    private static string Exactly(LetterQuery query)
    {
        // A recipient sees of a package its own deliveries only, and so finds it by their state only.
        List<string> of =
        [
            "(@agencies::uuid[] IS NULL OR p.sender_agency_id = ANY(@agencies) OR d.recipient_agency_id = ANY(@agencies))",
        ];
        if (query.Senders is not null)
        {
            of.Add("p.sender_agency_id = ANY(@senders)");
        }
        if (query.Recipients is not null)
        {
            of.Add("d.recipient_agency_id = ANY(@recipients)");
        }
        if (query.State is not null)
        {
            of.Add($"{Stage} = ANY(@stages)");
        }
        if (query.Direction == LetterDirection.Sent)
        {
            of.Add("p.sender_agency_id = ANY(@agencies)");
        }
        if (query.Direction == LetterDirection.Received)
        {
            of.Add("d.recipient_agency_id = ANY(@agencies)");
        }
        return $"""
            SELECT FROM delivery d WHERE d.package_id = p.id AND d.id >= @since AND d.id < @until
                AND {string.Join(" AND ", of)}
            """;
    }

    private const string Stage = "delivery_stage(d.state, d.work, d.dialogue)";

    private static IEnumerable<string> Lists(LetterQuery query, Sees sees, bool inOrder)
    {
        // The planner has to see which stage it is: how rare it is decides which index is short.
        var (stages, stage) = query.State is null
            ? ("CROSS JOIN unnest(@stages) AS s (stage)", "s.stage")
            : ("", "@stage");
        if (sees.IsEverything && query is { Senders: null, Recipients: null })
        {
            yield return query.State is null
                ? $"SELECT * FROM (SELECT p.id FROM package p WHERE {InWindow} ORDER BY p.id DESC LIMIT @limit) AS w"
                : $"SELECT w.* FROM {Deliveries("")}";
            yield break;
        }
        // A sender asked for is one side, a recipient the other; else both, or the direction. Where each rules the other
        // out, what the senders sent has all of it, and more.
        var sent = query.Recipients is null && query.Direction != LetterDirection.Received;
        var received = query.Senders is null && query.Direction != LetterDirection.Sent;
        if (sent || !received)
        {
            yield return query.State is null
                ? $"""
                    SELECT w.* FROM unnest(@sending) AS a (id) CROSS JOIN LATERAL (
                        SELECT p.id FROM package p WHERE p.sender_agency_id = a.id AND {InWindow}
                        ORDER BY p.id DESC LIMIT @limit) AS w
                    """
                : $"""
                    SELECT w.* FROM unnest(@sending) AS a (id) CROSS JOIN
                    {Deliveries("d.sender_agency_id = a.id AND")}
                    """;
        }
        if (received)
        {
            yield return $"""
                SELECT w.* FROM unnest(@receiving) AS a (id) {stages} CROSS JOIN
                {Deliveries("d.recipient_agency_id = a.id AND")}
                """;
        }

        string Deliveries(string agency) =>
            $"""
                LATERAL (
                    SELECT {(inOrder ? "DISTINCT " : "")}d.package_id AS id FROM delivery d
                    WHERE {agency} {Stage} = {stage} AND d.package_id >= @from AND d.package_id < @before
                        AND d.id >= @from AND d.id < @until
                    {(inOrder ? "ORDER BY d.package_id DESC" : "")} LIMIT @limit) AS w
                """;
    }
}
