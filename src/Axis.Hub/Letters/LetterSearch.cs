using Axis.EdXml;
using Axis.Hub.Access;
using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Dapper;
using Npgsql;

namespace Axis.Hub.Letters;

/// <summary>A letter in a list: what it is, and how many of the recipients that the caller may see stand where.</summary>
/// <param name="DueOn">The day by which it asks to be dealt with.</param>
/// <param name="Recipients">How many the caller may see.</param>
/// <param name="Stages">By stage, how many of them.</param>
public sealed record LetterItem(
    Guid PackageId,
    string DocumentId,
    string Business,
    string Sender,
    string? SenderName,
    string Subject,
    string CodeNumber,
    string CodeNotation,
    DateOnly? PromulgatedOn,
    DateOnly? DueOn,
    string TypeName,
    int Priority,
    DateTimeOffset ReceivedAt,
    string Signature,
    int Recipients,
    IReadOnlyDictionary<string, int> Stages
);

/// <param name="Next">The <c>before</c> of the next page; null on the last.</param>
public sealed record LetterPage(IReadOnlyList<LetterItem> Items, Guid? Next);

/// <summary>Finds letters, newest first, a page at a time. The life of one of them is <c>Tracking</c>'s.</summary>
public sealed class LetterSearch(
    NpgsqlDataSource database,
    RegistryCache registry,
    TimeProvider clock
)
{
    private const string Columns = """
        SELECT p.id, p.document_id AS documentid, p.business, p.sender_code AS sendercode,
            p.sender_agency_id AS senderagencyid, p.subject, p.code_number AS codenumber,
            p.code_notation AS codenotation, p.promulgated_on AS promulgatedon, p.due_on AS dueon,
            p.type_name AS typename, p.priority, p.received_at AS receivedat, p.verdict
        FROM package p WHERE p.id = ANY(@packages) AND p.id >= @from AND p.id <= @last
        ORDER BY p.id DESC
        """;

    private const string Counts = """
        SELECT d.package_id AS packageid, delivery_stage(d.state, d.work, d.dialogue) AS stage, count(*)::int AS number
        FROM delivery d
        WHERE d.package_id = ANY(@packages) AND d.id >= @from AND d.id < @until
            AND (@agencies::uuid[] IS NULL OR d.sender_agency_id = ANY(@agencies)
                OR d.recipient_agency_id = ANY(@agencies))
        GROUP BY 1, 2
        """;

    public async Task<LetterPage> FindAsync(
        LetterQuery query,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var found = await FindPackagesAsync(connection, query, sees, cancellationToken);
        var page = found.Take(query.Limit).ToArray();
        var items =
            page.Length == 0 ? [] : await DescribeAsync(connection, page, sees, cancellationToken);
        return new LetterPage(items, found.Count > query.Limit ? page[^1] : null);
    }

    /// <summary>One more than the page, if there is one more.</summary>
    private async Task<IReadOnlyList<Guid>> FindPackagesAsync(
        NpgsqlConnection connection,
        LetterQuery query,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        if (query.Words is { } words && SubjectWords.ForQuestion(words) is null)
        {
            return [];
        }
        return LetterStatement.WayOf(query, sees) switch
        {
            LetterWay.Named => await AskAsync(
                LetterStatement.Named(query, sees),
                query.Range,
                query.Limit + 1
            ),
            LetterWay.Listed => await AskInWindowsAsync(
                LetterStatement.Listed(query, sees),
                query.Range,
                []
            ),
            _ => await SearchAsync(),
        };

        // Frequent words fill the page from the newest letters; what is rare is short in the index. A frequent word and a
        // rare stage are neither, and then the page is filled from the list of the stage.
        async Task<IReadOnlyList<Guid>> SearchAsync()
        {
            var range = query.Range;
            // Two months have the newest letters, if there are so many; more would have to be planned for.
            if (LetterWindows.Of(range, clock.GetUtcNow()).Take(2).LastOrDefault() is not { } near)
            {
                return [];
            }
            near = near with { Before = range.Before };
            var end = await AskAsync(LetterStatement.EndOfGlance, near, 1);
            var glance = near with { From = end.Count == 0 ? near.From : end[0] };
            List<Guid> found =
            [
                .. await AskAsync(LetterStatement.Glanced(query, sees), glance, query.Limit + 1),
            ];
            if (found.Count > query.Limit || glance.From == range.From)
            {
                return found;
            }
            range = range with { Before = glance.From };
            var rarest = await RarestFirstAsync(glance);
            var left =
                query.State is null || rarest is [{ Letters: < LetterStatement.RareInSample }, ..]
                    ? range
                    : await LookAtStageAsync(range, found);
            return left is null
                ? found
                : await AskInWindowsAsync(
                    LetterStatement.Searched(query, sees),
                    left,
                    found,
                    [.. rarest.Select(one => one.Word)]
                );
        }

        async Task<IReadOnlyList<WordRow>> RarestFirstAsync(IdRange glance) =>
            query.Words is null
                ? []
                : (
                    await connection.QueryAsync<WordRow>(
                        new CommandDefinition(
                            LetterStatement.Rarity,
                            LetterStatement.RarityValuesOf(query, glance),
                            cancellationToken: cancellationToken
                        )
                    )
                ).AsList();

        // Returns where to go on; null where the page is full or the stage has no more letters.
        async Task<IdRange?> LookAtStageAsync(IdRange range, List<Guid> found)
        {
            var lists = LetterStatement.WalkedLists(query, sees);
            var few = LetterStatement.Few / Math.Max(lists, 1);
            var newest = await AskAsync(
                lists == 0
                    ? LetterStatement.InStage(query, sees)
                    : LetterStatement.Listed(query, sees),
                range,
                few
            );
            if (newest.Count == few && lists == 0)
            {
                return range;
            }
            if (newest.Count > 0)
            {
                found.AddRange(
                    await AskAsync(
                        LetterStatement.OfPackages(query, sees),
                        // No month is planned for in which none of them is.
                        range with
                        {
                            From = newest.Min(),
                        },
                        query.Limit + 1 - found.Count,
                        [.. newest]
                    )
                );
            }
            return found.Count > query.Limit || newest.Count < few
                ? null
                : range with
                {
                    Before = newest[^1],
                };
        }

        async Task<IReadOnlyList<Guid>> AskInWindowsAsync(
            string statement,
            IdRange range,
            List<Guid> found,
            IReadOnlyList<string>? each = null
        )
        {
            foreach (var window in LetterWindows.Of(range, clock.GetUtcNow()))
            {
                found.AddRange(
                    await AskAsync(statement, window, query.Limit + 1 - found.Count, each: each)
                );
                if (found.Count > query.Limit)
                {
                    break;
                }
            }
            return found;
        }

        async Task<IReadOnlyList<Guid>> AskAsync(
            string statement,
            IdRange range,
            int limit,
            Guid[]? packages = null,
            IReadOnlyList<string>? each = null
        ) =>
            (
                await connection.QueryAsync<Guid>(
                    new CommandDefinition(
                        statement,
                        LetterStatement.ValuesOf(query, sees, range, limit, packages, each),
                        cancellationToken: cancellationToken
                    )
                )
            ).AsList();
    }

    private async Task<IReadOnlyList<LetterItem>> DescribeAsync(
        NpgsqlConnection connection,
        Guid[] packages,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        var values = new
        {
            packages,
            agencies = sees.Agencies,
            from = IdDays.Floor(IdDays.InstantOf(packages[^1])),
            last = packages[0],
            until = IdDays.Floor(IdDays.InstantOf(packages[0]).AddDays(1)),
        };
        var rows = await connection.QueryAsync<LetterRow>(
            new CommandDefinition(Columns, values, cancellationToken: cancellationToken)
        );
        var counts = (
            await connection.QueryAsync<CountRow>(
                new CommandDefinition(Counts, values, cancellationToken: cancellationToken)
            )
        ).ToLookup(row => row.PackageId);
        var snapshot = registry.Current;
        return
        [
            .. rows.Select(row => new LetterItem(
                row.Id,
                row.DocumentId,
                BusinessNames.Of((BusinessType)row.Business),
                row.SenderCode,
                snapshot.AgencyById(row.SenderAgencyId)?.Name,
                row.Subject,
                row.CodeNumber,
                row.CodeNotation,
                row.PromulgatedOn,
                row.DueOn,
                row.TypeName,
                row.Priority,
                row.ReceivedAt,
                row.Verdict,
                counts[row.Id].Sum(count => count.Number),
                counts[row.Id]
                    .OrderBy(count => count.Stage, StringComparer.Ordinal)
                    .ToDictionary(count => count.Stage, count => count.Number)
            )),
        ];
    }

    private sealed class LetterRow
    {
        public Guid Id { get; init; }
        public string DocumentId { get; init; } = "";
        public short Business { get; init; }
        public string SenderCode { get; init; } = "";
        public Guid SenderAgencyId { get; init; }
        public string Subject { get; init; } = "";
        public string CodeNumber { get; init; } = "";
        public string CodeNotation { get; init; } = "";
        public DateOnly? PromulgatedOn { get; init; }
        public DateOnly? DueOn { get; init; }
        public string TypeName { get; init; } = "";
        public short Priority { get; init; }
        public DateTimeOffset ReceivedAt { get; init; }
        public string Verdict { get; init; } = "";
    }

    private sealed class WordRow
    {
        public string Word { get; init; } = "";
        public int Letters { get; init; }
    }

    private sealed class CountRow
    {
        public Guid PackageId { get; init; }
        public string Stage { get; init; } = "";
        public int Number { get; init; }
    }
}
