namespace Axis.Hub.Intake.Uploads;

/// <summary>A package that comes in pieces.</summary>
/// <param name="Received">Bytes that are synced to disk: where the sender goes on.</param>
/// <param name="AnswerJson">The receipt or the problem, once it was submitted.</param>
public sealed record Upload(
    Guid Id,
    string OfficeSystemId,
    long Length,
    long Received,
    DateTimeOffset ExpiresAt,
    string State,
    string? AnswerJson
)
{
    public const string Open = "open";
    public const string Accepted = "accepted";
    public const string Refused = "refused";

    public bool IsOpen => State == Open;

    public bool IsComplete => Received == Length;
}
