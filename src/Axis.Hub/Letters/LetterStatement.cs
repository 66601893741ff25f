using Axis.Hub.Access;
using Axis.Hub.Storage;

namespace Axis.Hub.Letters;

/// <summary>
/// The statement that finds the packages of a query, newest first. Which index it walks is decided here and not left to
/// the planner's guess; docs/tracking.md argues why each way is short. Every statement carries whose letters they are.
/// </summary>
internal static class LetterStatement
{
    private static readonly string[] s_exceptional =
    [
        "failed",
        "refused",
        "recall_asked",
        "update_asked",
        "recalled",
        "withdrawn",
        "replaced",
        "expired",
    ];

    // A recipient sees of a package its own deliveries only, and so finds it by their state only.
    private const string Mine = """
        (@agencies::uuid[] IS NULL OR p.sender_agency_id = ANY(@agencies) OR d.recipient_agency_id = ANY(@agencies))
        """;

    /// <summary>One of the ways, with the parameters of <see cref="ValuesOf"/>.</summary>
    public static string Of(LetterQuery query, Sees sees) =>
        query switch
        {
            { DocumentId: not null } => ByPackages(
                query,
                "SELECT package_id FROM document_key WHERE document_id = @documentId AND variant <> 'status'"
            ),
            { NumberKey: not null } => ByPackages(
                query,
                "SELECT package_id FROM document_number WHERE number_key = @numberKey"
            ),
            { Words: not null } or { Senders: not null, Recipients: not null } => ByWords(
                query,
                sees
            ),
            // Somebody else's letters to or from me: the two narrow each other in the index of words and parties.
            { Senders: { } others } when !IsOwn(others, sees) => ByWords(query, sees),
            { Recipients: { } others } when !IsOwn(others, sees) => ByWords(query, sees),
            _ when sees.IsEverything && query is { Senders: null, Recipients: null } => OfAll(
                query
            ),
            _ => ByAgencies(query),
        };

    public static object ValuesOf(LetterQuery query, Sees sees, IdRange window, int limit) =>
        new
        {
            documentId = query.DocumentId,
            numberKey = query.NumberKey,
            senders = query.Senders,
            recipients = query.Recipients,
            words = query.Words,
            agencies = sees.Agencies,
            sending = query.Senders ?? sees.Agencies ?? [],
            receiving = query.Recipients ?? sees.Agencies ?? [],
            from = window.From,
            before = window.Before,
            // The deliveries of a package are made with it, so their ids are soon after.
            until = IdDays.Floor(
                IdDays.InstantOf(window.Before) is var end
                && end < DateTimeOffset.MaxValue.AddDays(-2)
                    ? end.AddDays(1)
                    : end
            ),
            limit,
        };

    private static bool IsOwn(Guid[] agencies, Sees sees) =>
        sees.Agencies is not { } own || agencies.All(own.Contains);

    /// <summary>The key tables name a few packages; the rest is a filter.</summary>
    private static string ByPackages(LetterQuery query, string packages) =>
        $"""
            SELECT p.id FROM package p
            WHERE p.id IN ({packages}) AND p.id >= @from AND p.id < @before AND {Exactly(query)}
            ORDER BY p.id DESC LIMIT @limit
            """;

    private static string ByWords(LetterQuery query, Sees sees)
    {
        List<string> narrowing = [];
        if (query.Words is not null)
        {
            narrowing.Add(
                "subject_words(p.subject) @@ plainto_tsquery('simple', search_words(@words))"
            );
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
        return $"""
            SELECT p.id FROM package p
            WHERE p.id >= @from AND p.id < @before AND {string.Join(" AND ", narrowing)} AND {Exactly(
                query
            )}
            ORDER BY p.id DESC LIMIT @limit
            """;
    }

    /// <summary>Each agency's own walk along its index, and the newest of all of them.</summary>
    private static string ByAgencies(LetterQuery query)
    {
        // A sender asked for is one side, a recipient the other; else both, or the direction.
        var sent = query.Recipients is null && query.Direction != LetterDirection.Received;
        var received = query.Senders is null && query.Direction != LetterDirection.Sent;
        var state = query.State is null ? "" : $"AND {StageIs(query.State)}";
        var walks = new List<string>();
        if (sent)
        {
            walks.Add(Walk("sender_agency_id", "@sending"));
        }
        if (received)
        {
            walks.Add(Walk("recipient_agency_id", "@receiving"));
        }
        return $"""
            SELECT p.id FROM package p
            WHERE p.id IN ({string.Join("\nUNION\n", walks)}) AND p.id >= @from AND p.id < @before
                AND {Exactly(query)}
            ORDER BY p.id DESC LIMIT @limit
            """;

        string Walk(string column, string agencies) =>
            $"""
                SELECT w.package_id FROM unnest({agencies}) AS a (id), LATERAL (
                    SELECT DISTINCT d.package_id FROM delivery d
                    WHERE d.{column} = a.id AND d.package_id >= @from AND d.package_id < @before
                        AND d.id >= @from AND d.id < @until {state}
                    ORDER BY d.package_id DESC LIMIT @limit) AS w
                """;
    }

    /// <summary>For an operator who names no agency.</summary>
    private static string OfAll(LetterQuery query) =>
        query.State is { } state && s_exceptional.Contains(state)
            ? $"""
                SELECT DISTINCT d.package_id FROM delivery d
                WHERE {StageIs(
                    state
                )} AND d.package_id >= @from AND d.package_id < @before AND d.id >= @from
                    AND d.id < @until
                ORDER BY d.package_id DESC LIMIT @limit
                """
            : $"""
                SELECT p.id FROM package p
                WHERE p.id >= @from AND p.id < @before AND {Exactly(query)}
                ORDER BY p.id DESC LIMIT @limit
                """;

    /// <summary>What was asked and who may see it, of the package and of one and the same delivery.</summary>
    private static string Exactly(LetterQuery query)
    {
        List<string> of = [Mine];
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
            of.Add(StageIs(query.State));
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
            EXISTS (SELECT FROM delivery d WHERE d.package_id = p.id AND d.id >= @from AND d.id < @until
                AND {string.Join(" AND ", of)})
            """;
    }

    // A word of StageNames, written out so that the planner sees which partial index serves it.
    private static string StageIs(string state) =>
        $"delivery_stage(d.state, d.work, d.dialogue) = '{state}'";
}
