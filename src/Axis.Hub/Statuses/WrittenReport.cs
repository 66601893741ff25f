using System.Security.Cryptography;
using Axis.EdXml;
using Axis.Hub.Intake;
using Axis.Hub.Registry;

namespace Axis.Hub.Statuses;

/// <summary>
/// Writes the standard status package for those who do not write it themselves. What comes out is a report like any
/// other: stored, judged, relayed. The same words and time give the same bytes, so a repeat is recognised.
/// </summary>
internal static class WrittenReport
{
    /// <exception cref="ArgumentException">A text has characters that XML cannot carry.</exception>
    public static async Task<StatusAcceptance> WriteAsync(
        DeliveryFacts about,
        Agency reporter,
        Agency other,
        StatusCall said,
        DateTimeOffset at,
        (Guid ReportId, DateTimeOffset Now, Door Door, string OfficeSystemId) received,
        CancellationToken cancellationToken
    )
    {
        var bySender = Lifecycle.IsRaisedBySender(said.Status!);
        var (from, to) = bySender
            ? (about.SenderCode, about.RecipientCode)
            : (about.RecipientCode, about.SenderCode);
        var header = new StatusHeader
        {
            From = new Party
            {
                OrganId = from,
                Code = CodeOf(from, reporter),
                OrganName = reporter.Name,
            },
            ResponseFor = new ResponseFor
            {
                OrganId = to,
                OrganCode = CodeOf(to, other),
                Code = $"{about.CodeNumber}/{about.CodeNotation}",
                PromulgationDate = about.PromulgatedOn is { } date ? EdDate.Of(date) : null,
                DocumentId = about.DocumentId,
            },
            StatusCode = said.Status,
            StatusCodeText = said.Status,
            Description = string.IsNullOrWhiteSpace(said.Description)
                ? StatusNames.Of(said.Status!)
                : said.Description.Trim(),
            Timestamp = EdTimestamp.Of(at),
            StaffInfo = said.Staff is { } staff
                ? new StaffInfo
                {
                    Department = staff.Department,
                    Staff = staff.Name,
                    Mobile = staff.Mobile,
                    Email = staff.Email,
                }
                : null,
        };
        using var buffer = new MemoryStream();
        await PackageWriter.WriteAsync(
            new StatusDraft { Header = header },
            buffer,
            cancellationToken
        );
        var bytes = buffer.ToArray();
        return new StatusAcceptance(
            received.ReportId,
            received.Now,
            received.Door,
            received.OfficeSystemId,
            new CheckedStatus(header, reporter, other, [reporter.Id], [other.Id]),
            SHA256.HashData(bytes),
            bytes
        )
        {
            DeliveryId = about.LetterDeliveryId,
        };
    }

    private static AgencyCode? CodeOf(string written, Agency agency) =>
        AgencyCode.TryParse(written, out var code) ? code
        : AgencyCode.TryParse(agency.PrimaryCode, out var primary) ? primary
        : null;
}

/// <summary>A status in a few words, for those without XML.</summary>
/// <param name="Status">Two digits.</param>
/// <param name="Description">Null: the name of the status.</param>
/// <param name="At">When it happened; null: now. Given, it makes a repeat recognisable.</param>
public sealed record StatusCall(
    string? Status,
    string? Description,
    DateTimeOffset? At,
    StaffCall? Staff
);

public sealed record StaffCall(string? Name, string? Department, string? Mobile, string? Email);
