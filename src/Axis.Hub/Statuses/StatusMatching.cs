using Axis.EdXml;
using Axis.Hub.Errors;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>Which delivery a status report is about. Found in the database, never guessed.</summary>
internal static class StatusMatching
{
    // Candidates by document id, or by number and notation where the report names no document id. Locked in id order.
    private const string Candidates = """
        SELECT r.n, d.id, d.package_id, p.document_id, p.business, d.recipient_code, d.status
        FROM unnest($1, $2, $3, $4, $5, $6)
            AS r (n, sender_agency_id, recipient_agency_id, document_id, code_number, code_notation)
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
        var numbers = reports
            .Select(report => DocumentNumber.Parse(report.Report.Header.ResponseFor.Code))
            .ToArray();
        await using var command = new NpgsqlCommand(Candidates, connection);
        command.Parameters.Add(new() { Value = Enumerable.Range(0, reports.Length).ToArray() });
        command.Parameters.Add(
            new() { Value = reports.Select(report => report.Sender.Id).ToArray() }
        );
        command.Parameters.Add(
            new() { Value = reports.Select(report => report.Recipient.Id).ToArray() }
        );
        command.Parameters.Add(
            new()
            {
                Value = reports
                    .Select(report => report.Report.Header.ResponseFor.DocumentId ?? "")
                    .ToArray(),
            }
        );
        command.Parameters.Add(new() { Value = numbers.Select(number => number.Number).ToArray() });
        command.Parameters.Add(
            new() { Value = numbers.Select(number => number.Notation).ToArray() }
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        // Two reports of one batch about one delivery share the candidate, so the second sees what the first did.
        var shared = new Dictionary<Guid, MatchedDelivery>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(1);
            if (!shared.TryGetValue(id, out var candidate))
            {
                candidate = new MatchedDelivery(
                    id,
                    reader.GetGuid(2),
                    reader.GetString(3),
                    (BusinessType)reader.GetInt16(4),
                    reader.GetString(5)
                )
                {
                    Status = await reader.IsDBNullAsync(6, cancellationToken)
                        ? null
                        : reader.GetString(6),
                };
                shared.Add(id, candidate);
            }
            found[reader.GetInt32(0)].Add(candidate);
        }
        return found;
    }

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

/// <summary>A delivery that a report may be about; its status moves as the batch is judged.</summary>
internal sealed record MatchedDelivery(
    Guid Id,
    Guid PackageId,
    string DocumentId,
    BusinessType Business,
    string RecipientCode
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
