namespace Axis.EdXml;

/// <summary>The header of a status package: what an agency reports about a letter it received (or, for 13, sent).</summary>
public sealed record StatusHeader
{
    /// <summary>The agency that reports.</summary>
    public required Party From { get; init; }

    /// <summary>The letter reported about; its OrganId is the letter's sender (for 13: its recipient).</summary>
    public required ResponseFor ResponseFor { get; init; }

    /// <summary>Two digits, "1" read as "01"; null when absent. Not checked against the code list here: that is a rule.</summary>
    public string? StatusCode { get; init; }
    public string? StatusCodeText { get; init; }
    public string? Description { get; init; }
    public EdTimestamp? Timestamp { get; init; }
    public StaffInfo? StaffInfo { get; init; }
    public IReadOnlyList<UnknownElement> Unknown { get; init; } = [];
}
