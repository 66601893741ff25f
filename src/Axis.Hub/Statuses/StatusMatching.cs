using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>Which delivery a status report is about. Found in the database, never guessed.</summary>
internal static class StatusMatching
{
    // Candidates by document id, or by number and notation where the report names no document id. Locked in id order.
    private const string Candidates = """
        SELECT r.n, r.rank, d.id, d.package_id, p.document_id, p.business, d.recipient_code, d.status,
            d.sender_agency_id, d.recipient_agency_id, p.office_system_id, d.substitution::text, p.verdict,
            p.document_verdict
        FROM unnest($1, $2, $3, $4, $5, $6, $7)
            AS r (n, rank, sender_agency_id, recipient_agency_id, document_id, code_number, code_notation)
        JOIN package p ON p.sender_agency_id = r.sender_agency_id
            AND ((r.document_id <> '' AND p.document_id = r.document_id)
                OR (r.document_id = '' AND p.code_number = r.code_number AND p.code_notation = r.code_notation))
        JOIN delivery d ON d.package_id = p.id AND d.recipient_agency_id = r.recipient_agency_id
        ORDER BY d.id
        FOR UPDATE OF d
        """;

    public static async Task<List<MatchedDelivery>[]> FindAsync(
        NpgsqlConnection connection,
        StatusAcceptance[] reports,
        CancellationToken cancellationToken
    )
    {
        var found = reports.Select(_ => new List<MatchedDelivery>()).ToArray();
        if (reports.Length == 0)
        {
            return found;
        }
        var asked = reports.SelectMany(Asked).ToArray();
        await using var command = new NpgsqlCommand(Candidates, connection);
        command.Parameters.Add(new() { Value = asked.Select(one => one.Report).ToArray() });
        command.Parameters.Add(new() { Value = asked.Select(one => one.Rank).ToArray() });
        command.Parameters.Add(new() { Value = asked.Select(one => one.Sender).ToArray() });
        command.Parameters.Add(new() { Value = asked.Select(one => one.Recipient).ToArray() });
        command.Parameters.Add(new() { Value = asked.Select(one => one.DocumentId).ToArray() });
        command.Parameters.Add(new() { Value = asked.Select(one => one.Number.Number).ToArray() });
        command.Parameters.Add(
            new() { Value = asked.Select(one => one.Number.Notation).ToArray() }
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        // Two reports of one batch about one delivery share the candidate, so the second sees what the first did.
        var shared = new Dictionary<Guid, MatchedDelivery>();
        var ranks = Enumerable.Repeat(int.MaxValue, reports.Length).ToArray();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(2);
            if (!shared.TryGetValue(id, out var candidate))
            {
                candidate = await ReadAsync(reader, id, cancellationToken);
                shared.Add(id, candidate);
            }
            // The agencies named themselves go before those that they succeeded.
            var (report, rank) = (reader.GetInt32(0), reader.GetInt32(1));
            if (rank < ranks[report])
            {
                ranks[report] = rank;
                found[report].Clear();
            }
            if (rank == ranks[report])
            {
                found[report].Add(candidate);
            }
        }
        return found;
    }

    /// <summary>A report as the query asks for it: once for each pair of agencies that it may mean.</summary>
    private static IEnumerable<Question> Asked(StatusAcceptance report, int index)
    {
        var responseFor = report.Report.Header.ResponseFor;
        var number = DocumentNumber.Parse(responseFor.Code);
        return report.SenderFamily.SelectMany(
            (sender, near) =>
                report.RecipientFamily.Select(
                    (recipient, far) =>
                        new Question(
                            index,
                            near + far,
                            sender,
                            recipient,
                            responseFor.DocumentId ?? "",
                            number
                        )
                )
        );
    }

    private static async Task<MatchedDelivery> ReadAsync(
        NpgsqlDataReader reader,
        Guid id,
        CancellationToken cancellationToken
    ) =>
        new(
            id,
            reader.GetGuid(3),
            reader.GetString(4),
            (BusinessType)reader.GetInt16(5),
            reader.GetString(6),
            reader.GetGuid(8),
            reader.GetGuid(9),
            reader.GetString(10),
            Substitutions.Of(
                await reader.IsDBNullAsync(11, cancellationToken) ? null : reader.GetString(11)
            ),
            reader.GetString(12),
            reader.GetString(13)
        )
        {
            Status = await reader.IsDBNullAsync(7, cancellationToken) ? null : reader.GetString(7),
        };

    /// <summary>
    /// One delivery, or the reason why not. A document id may stand on several packages (the letter, its recall, its
    /// updates): 15 and 16 answer the newest recall or update, or the letter if 13 asked; all else is about the letter.
    /// </summary>
    public static ErrorItem? Choose(
        StatusAcceptance report,
        List<MatchedDelivery> candidates,
        out MatchedDelivery? match
    )
    {
        const string Path = "MessageHeader/ResponseFor";
        var responseFor = report.Report.Header.ResponseFor;
        var letters = candidates
            .Where(c => c.Business is BusinessType.New or BusinessType.Replace)
            .ToList();
        var amendments = candidates
            .Where(c => c.Business is BusinessType.Recall or BusinessType.Update)
            .ToList();
        if (report.Code is "15" or "16")
        {
            match =
                letters.Find(letter => letter.Status == "13")
                ?? amendments.LastOrDefault()
                ?? letters.LastOrDefault();
        }
        else
        {
            var documents = letters
                .Select(letter => letter.DocumentId)
                .Distinct(StringComparer.Ordinal)
                .Count();
            if (documents > 1)
            {
                match = null;
                return StatusErrors.AmbiguousDocument.At(Path, responseFor.Code, documents);
            }
            match = letters.LastOrDefault() ?? amendments.LastOrDefault();
        }
        return match is not null
            ? null
            : StatusErrors.UnknownDocument.At(
                Path,
                responseFor.DocumentId ?? responseFor.Code,
                responseFor.DocumentId ?? responseFor.Code ?? "",
                report.Sender.PrimaryCode,
                report.Recipient.PrimaryCode
            );
    }
}

internal sealed record Question(
    int Report,
    int Rank,
    Guid Sender,
    Guid Recipient,
    string DocumentId,
    DocumentNumber Number
);

/// <summary>A delivery that a report may be about; its status moves as the batch is judged.</summary>
internal sealed record MatchedDelivery(
    Guid Id,
    Guid PackageId,
    string DocumentId,
    BusinessType Business,
    string RecipientCode,
    Guid SenderAgencyId,
    Guid RecipientAgencyId,
    string SentBy,
    Substitution? Substitution,
    string Signature,
    string DocumentVerdict
)
{
    public string? Status { get; set; }
}

/// <summary>"7816/VPCP-TTĐT": number and notation, joined by the first slash.</summary>
public readonly record struct DocumentNumber(string Number, string Notation)
{
    public static DocumentNumber Parse(string? text)
    {
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        return slash < 0
            ? new DocumentNumber(text?.Trim() ?? "", "")
            : new DocumentNumber(text![..slash].Trim(), text[(slash + 1)..].Trim());
    }
}
