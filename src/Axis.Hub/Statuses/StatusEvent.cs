using System.Globalization;
using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Registry;

namespace Axis.Hub.Statuses;

/// <summary>An event on its way to an office system, as a row of the outbox.</summary>
public sealed record EventRow(
    Guid Id,
    string OfficeSystemId,
    string Type,
    string Body,
    int Attempts
);

/// <summary>CloudEvents 1.0, JSON format, with the extension attribute <c>sequence</c>.</summary>
/// <param name="Sequence">Counts the events of one delivery, from 1; ten digits, so that it sorts as text.</param>
public sealed record CloudEvent(
    string Specversion,
    string Id,
    string Source,
    string Type,
    DateTimeOffset Time,
    string Subject,
    string Sequence,
    string Datacontenttype,
    DeliveryEventData Data
)
{
    public static CloudEvent Of(
        EventType type,
        Guid id,
        DateTimeOffset time,
        int sequence,
        DeliveryEventData data
    ) =>
        new(
            "1.0",
            id.ToString(),
            "/axis",
            type.Name,
            time,
            data.DeliveryId.ToString(),
            sequence.ToString("D10", CultureInfo.InvariantCulture),
            "application/json",
            data
        );

    public string ToJson() => JsonSerializer.Serialize(this, HubJson.Options);
}

/// <summary>What an event says; members that do not apply are left out.</summary>
/// <param name="Recipient">The recipient's code as the sender of the document wrote it.</param>
/// <param name="Agency">The recipient's code of today.</param>
/// <param name="Stage">Where the delivery stands after it.</param>
/// <param name="Substitution">When another agency received it than the one named.</param>
/// <param name="Signature">The verdict on the envelope of the document.</param>
/// <param name="DocumentVerdict">The verdict on its attached PDF files.</param>
/// <param name="StatusPackage">The status edXML as received, base64.</param>
/// <param name="Description">The free text of the report, or the reason of the act.</param>
/// <param name="ActPackageId">The recall, update or replacement package that caused it.</param>
/// <param name="Reminder">Of a reminder: the how manieth.</param>
/// <param name="Deadline">Of a deadline: reception or completion.</param>
/// <param name="DueAt">When it is due, after the extension if there is one.</param>
/// <param name="AskedUntil">Of an extension: until when it was asked for.</param>
/// <param name="Granted">Of an answer to it.</param>
/// <param name="Letter">Of a letter in the inbox: what a list of letters shows of it.</param>
public sealed record DeliveryEventData(
    Guid DeliveryId,
    Guid PackageId,
    string DocumentId,
    string Recipient,
    string Agency,
    string Stage,
    string? Status = null,
    string? StatusName = null,
    string? Description = null,
    DateTimeOffset? ReportedAt = null,
    string? Outcome = null,
    Substitution? Substitution = null,
    string? Signature = null,
    string? DocumentVerdict = null,
    byte[]? StatusPackage = null,
    Guid? ActPackageId = null,
    string? ActDocumentId = null,
    int? Reminder = null,
    string? Deadline = null,
    DateTimeOffset? DueAt = null,
    DateTimeOffset? AskedUntil = null,
    bool? Granted = null,
    InboxLetter? Letter = null
);

/// <summary>What a list of letters shows of one; the members of the inbox have the same names.</summary>
/// <param name="Sender">The sender's code as the letter writes it.</param>
/// <param name="Size">Of the package, in bytes.</param>
/// <param name="ReceivedAt">When the hub accepted it.</param>
public sealed record InboxLetter(
    string Business,
    string Sender,
    string? SenderName,
    string Subject,
    string CodeNumber,
    string CodeNotation,
    DateOnly? PromulgatedOn,
    int Priority,
    long Size,
    DateTimeOffset ReceivedAt
)
{
    public bool Urgent => Priority > 0;
}

/// <summary>What an event about a deadline says of it.</summary>
/// <param name="Kind">reception or completion.</param>
public sealed record DeadlineNews(
    string Kind,
    DateTimeOffset DueAt,
    DateTimeOffset? AskedUntil = null,
    bool? Granted = null,
    string? Words = null
);

public static class StatusNames
{
    /// <summary>Vietnamese names as QĐ 28/2018 Đ10h and the field use them.</summary>
    public static string Of(string code) =>
        code switch
        {
            "01" => "Đã đến",
            "02" => "Từ chối tiếp nhận",
            "03" => "Đã tiếp nhận",
            "04" => "Phân công xử lý",
            "05" => "Đang xử lý",
            "06" => "Đã hoàn thành",
            "13" => "Yêu cầu lấy lại",
            "15" => "Đồng ý cập nhật, lấy lại",
            "16" => "Từ chối cập nhật, lấy lại",
            _ => code,
        };
}
