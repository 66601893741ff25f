namespace Axis.Hub.Events.Webhooks;

/// <summary>What somebody wants to be told, and where.</summary>
/// <param name="Agency">Any code of an agency: only letters that it sent or receives.</param>
/// <param name="After">From which cursor on; null: from now on.</param>
/// <param name="OfficeSystem">In the hands of an operator: for whom; null for the IT centre itself.</param>
public sealed record WebhookWish(
    string? Url,
    IReadOnlyList<string>? Types = null,
    string? Agency = null,
    string? After = null,
    string? OfficeSystem = null
);

public sealed record ReplayWish(string? After);

/// <param name="OverlapHours">How long the old secret signs beside the new one; absent: a day.</param>
public sealed record RotateWish(int? OverlapHours);

/// <param name="Cursor">Everything up to here was taken.</param>
/// <param name="Failures">In a row.</param>
/// <param name="OldSecretUntil">Until then calls are signed with the secret of before too.</param>
/// <param name="Secret">Shown once, when it is made.</param>
public sealed record WebhookView(
    Guid WebhookId,
    string? OfficeSystem,
    string Url,
    IReadOnlyList<string>? Types,
    string? Agency,
    string State,
    string? Reason,
    string Cursor,
    int Failures,
    string? LastError,
    DateTimeOffset? LastSuccessAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? OldSecretUntil = null,
    string? Secret = null
);

/// <summary>A webhook in the hands of one node, for a while.</summary>
internal sealed record LeasedWebhook(
    Guid Id,
    string? OfficeSystemId,
    Uri Url,
    FeedFilter Filter,
    byte[] Sealed,
    byte[]? OldSealed,
    DateTimeOffset? OldUntil,
    FeedPosition Position,
    int Failures,
    DateTimeOffset? FailingSince,
    Guid Lease
);

/// <summary>How one call went.</summary>
/// <param name="Error">Null: taken.</param>
/// <param name="IsGone">The endpoint says that it wants no more (410).</param>
public readonly record struct CallOutcome(string? Error, bool IsGone = false);
