using System.Text.Json;
using Axis.Hub.Errors;

namespace Axis.Hub.Notices;

/// <summary>What a notice is about.</summary>
public static class NoticeKinds
{
    public const string Arrival = "arrival";
    public const string Delay = "delay";
    public const string Trouble = "trouble";
    public const string Cleared = "cleared";
}

/// <summary>What a notice tells; members that do not apply are left out.</summary>
/// <param name="Number">Number and notation of the letter.</param>
/// <param name="Inbox">Of trouble: the name of the office system.</param>
public sealed record NoticeDetail(
    Guid? DeliveryId = null,
    string? Number = null,
    string? Subject = null,
    string? Sender = null,
    string? Recipient = null,
    int Priority = 0,
    DateTimeOffset? ReceivedAt = null,
    string? Inbox = null,
    DateTimeOffset? Since = null
);

/// <summary>One thing to be told to one agency, or with none to the IT centre.</summary>
/// <param name="Attempts">On the way that it is read for.</param>
/// <param name="Mailboxes">What the mail server said to each, by SMTP code; null when it refused none.</param>
internal sealed record Notice(
    Guid Id,
    Guid? AgencyId,
    string Kind,
    string Key,
    bool Urgent,
    DateTimeOffset At,
    DateTimeOffset DueAt,
    NoticeDetail Detail,
    int Attempts = 0,
    IReadOnlyDictionary<string, int>? Mailboxes = null
)
{
    public string DetailJson => JsonSerializer.Serialize(Detail, HubJson.Options);
}
