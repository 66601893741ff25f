using Axis.EdXml;

namespace Axis.Cli.Files;

/// <summary>A reading in the words of the API; also the shape of <c>inspect --json</c>.</summary>
internal sealed record Inspection
{
    public required string File { get; init; }
    public required PackageKind? Kind { get; init; }
    public required EnvelopeForm Form { get; init; }
    public required long Size { get; init; }
    public required string Sha256 { get; init; }
    public required int Signatures { get; init; }
    public required InspectedAgency Sender { get; init; }
    public IReadOnlyList<InspectedAgency>? Recipients { get; init; }
    public string? DocumentId { get; init; }
    public string? Number { get; init; }
    public string? Business { get; init; }
    public string? TypeName { get; init; }
    public string? PromulgationDate { get; init; }
    public int? Priority { get; init; }
    public string? Subject { get; init; }
    public string? Signer { get; init; }
    public string? ResponseFor { get; init; }
    public string? Status { get; init; }
    public string? Description { get; init; }
    public string? Timestamp { get; init; }
    public required IReadOnlyList<InspectedAttachment> Attachments { get; init; }

    /// <param name="extracted">One per attachment when they were written to files.</param>
    public static Inspection Of(
        string file,
        PackageReading reading,
        IReadOnlyList<ExtractedFile>? extracted
    )
    {
        var common = new Inspection
        {
            File = file,
            Kind = reading.Kind,
            Form = reading.Form,
            Size = reading.Length,
            Sha256 = Convert.ToHexStringLower(reading.Sha256.Span),
            Signatures = reading.Signature.Count,
            Sender = new InspectedAgency(null, null),
            Attachments =
            [
                .. reading.Attachments.Select(
                    (facts, i) => InspectedAttachment.Of(facts, extracted?[i])
                ),
            ],
        };
        return reading switch
        {
            { Document: { } document } => common.With(document),
            { Status: { } status } => common.With(status),
            _ => common,
        };
    }

    private Inspection With(DocumentHeader document) =>
        this with
        {
            Sender = InspectedAgency.Of(document.From),
            Recipients = [.. document.To.Select(InspectedAgency.Of)],
            DocumentId = document.DocumentId,
            Number = $"{document.CodeNumber}/{document.CodeNotation}",
            Business = document.Business.Type.ToString().ToLowerInvariant(),
            TypeName = document.DocumentType.TypeName,
            PromulgationDate = document.PromulgationDate?.Text,
            Priority = document.OtherInfo.Priority,
            Subject = document.Subject,
            Signer = document.Signer.FullName,
            ResponseFor = Text(document.ResponseFor.FirstOrDefault(response => !response.IsEmpty)),
        };

    private Inspection With(StatusHeader status) =>
        this with
        {
            Sender = InspectedAgency.Of(status.From),
            ResponseFor = Text(status.ResponseFor),
            Status = status.StatusCode,
            Description = status.Description,
            Timestamp = status.Timestamp?.Text,
        };

    private static string? Text(ResponseFor? response) =>
        response is null
            ? null
            : string.Join(
                ", ",
                new[] { response.OrganId, response.Code, response.DocumentId }.Where(part =>
                    part is not null
                )
            );
}

internal sealed record InspectedAgency(string? Code, string? Name)
{
    public static InspectedAgency Of(Party party) => new(party.OrganId, party.OrganName);
}

internal sealed record InspectedAttachment(
    string? ContentId,
    string? Name,
    string? DeclaredType,
    ContentKind Kind,
    long Size,
    string? Sha256,
    AttachmentDamage? Damage,
    ExtractedFile? Extracted
)
{
    public static InspectedAttachment Of(AttachmentFacts facts, ExtractedFile? extracted) =>
        new(
            facts.ContentId,
            facts.Name,
            facts.DeclaredType,
            facts.Kind,
            facts.Size,
            facts.Sha256.IsEmpty ? null : Convert.ToHexStringLower(facts.Sha256.Span),
            facts.Damage == AttachmentDamage.None ? null : facts.Damage,
            extracted
        );
}
