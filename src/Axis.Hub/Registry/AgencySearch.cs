using System.Text.Json;
using Axis.Hub.Errors;
using Npgsql;

namespace Axis.Hub.Registry;

public sealed record FoundAgency(
    string Code,
    string Name,
    string? Parent,
    string Kind,
    AgencyReach Reach,
    AgencyStatus Status,
    string? OfficeSystem
);

public sealed record ContactView(string Name, string? Mail, string? Phone);

public sealed record ChangeView(
    long Id,
    DateTimeOffset At,
    string Actor,
    string What,
    string? Code,
    string? From,
    string? To
);

/// <summary>Finds agencies by code or by words of the name, accents or not, and tells an agency's history.</summary>
public sealed class AgencySearch(
    NpgsqlDataSource database,
    RegistryCache registry,
    TimeProvider clock
)
{
    private const int MostWords = 10;

    // A code goes before a name. Every word must occur; the trigram index finds them wherever they stand.
    private const string Find = """
        SELECT id FROM (
            SELECT agency_id AS id, -1 AS rank FROM agency_code WHERE code = $1
            UNION
            SELECT id, length(name_folded) FROM agency WHERE {0}
        ) AS found GROUP BY id ORDER BY min(rank), id LIMIT $2
        """;

    private const string Changes = """
        SELECT id, at, actor, what, detail::text FROM agency_change
        WHERE agency_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
        """;

    public async Task<IReadOnlyList<FoundAgency>> FindAsync(
        string question,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var words = VietnameseText
            .Fold(question)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Take(MostWords)
            .ToArray();
        var conditions = string.Join(
            " AND ",
            words.Select((_, i) => $"name_folded LIKE ${i + 3}").DefaultIfEmpty("false")
        );
        await using var command = database.CreateCommand(
            Find.Replace("{0}", conditions, StringComparison.Ordinal)
        );
        command.Parameters.Add(new() { Value = question });
        command.Parameters.Add(new() { Value = limit });
        foreach (var word in words)
        {
            command.Parameters.Add(new() { Value = $"%{Literally(word)}%" });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (snapshot, now) = (registry.Current, clock.GetUtcNow());
        var found = new List<FoundAgency>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (snapshot.AgencyById(reader.GetGuid(0)) is { } agency)
            {
                found.Add(
                    new(
                        agency.PrimaryCode,
                        agency.Name,
                        agency.ParentId is { } parent
                            ? snapshot.AgencyById(parent)?.PrimaryCode
                            : null,
                        agency.Kind,
                        agency.Reach,
                        agency.Status,
                        snapshot.OfficeSystemOf(agency.Id, now)?.Id
                    )
                );
            }
        }
        return found;
    }

    public async Task<IReadOnlyList<ChangeView>> ChangesAsync(
        Guid agencyId,
        int limit,
        long? before,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Changes);
        command.Parameters.Add(new() { Value = agencyId });
        command.Parameters.Add(new() { Value = before ?? long.MaxValue });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var changes = new List<ChangeView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var detail = JsonSerializer.Deserialize<Detail>(reader.GetString(4), HubJson.Options);
            changes.Add(
                new(
                    reader.GetInt64(0),
                    reader.GetFieldValue<DateTimeOffset>(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    detail?.Code,
                    detail?.From,
                    detail?.To
                )
            );
        }
        return changes;
    }

    /// <summary>The clerks of an agency, whom notices go to.</summary>
    public async Task<IReadOnlyList<ContactView>> ContactsAsync(
        Guid agencyId,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "SELECT name, mail, phone FROM agency_contact WHERE agency_id = $1 ORDER BY ordinal"
        );
        command.Parameters.Add(new() { Value = agencyId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var contacts = new List<ContactView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            contacts.Add(
                new(
                    reader.GetString(0),
                    await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1),
                    await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2)
                )
            );
        }
        return contacts;
    }

    private static string Literally(string word) =>
        word.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("%", @"\%", StringComparison.Ordinal)
            .Replace("_", @"\_", StringComparison.Ordinal);

    private sealed record Detail(string? Code, string? From, string? To);
}
