using System.Text.Json;
using System.Text.Json.Serialization;
using Axis.Cli.Terminal;
using Axis.Signatures;

namespace Axis.Cli.Files;

/// <summary>What <c>verify</c> found out about a file.</summary>
/// <param name="Verdict">Of the file as a whole: the worst of what is signed.</param>
/// <param name="Parts">The envelope and each attachment, or the PDF, or the receipt.</param>
/// <param name="Receipt">What a receipt says, when its signature holds.</param>
internal sealed record Verification(
    string File,
    string Verdict,
    IReadOnlyList<VerifiedPart> Parts,
    ReceiptClaims? Receipt = null
)
{
    [JsonIgnore]
    public int ExitCode { get; private init; }

    public static Verification Of(
        string file,
        IReadOnlyList<(VerifiedPart Part, SignatureVerdictKind Kind)> parts,
        ReceiptClaims? receipt = null
    )
    {
        var kind = Whole([.. parts.Select(part => part.Kind)]);
        return new(file, NameOf(kind), [.. parts.Select(part => part.Part)], receipt)
        {
            ExitCode = kind switch
            {
                SignatureVerdictKind.Valid => ExitCodes.Ok,
                SignatureVerdictKind.NotYetChecked => ExitCodes.NotYetChecked,
                SignatureVerdictKind.None => ExitCodes.Unsigned,
                _ => ExitCodes.Refused,
            },
        };
    }

    public static string NameOf(SignatureVerdictKind kind) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    /// <summary>What is not signed says nothing for or against the rest; a bad signature anywhere does.</summary>
    private static SignatureVerdictKind Whole(IReadOnlyList<SignatureVerdictKind> kinds) =>
        kinds
            .Where(kind => kind != SignatureVerdictKind.None)
            .OrderByDescending(VerdictOrder.RankOf)
            .Cast<SignatureVerdictKind?>()
            .FirstOrDefault()
        ?? SignatureVerdictKind.None;
}

/// <summary>One thing that may be signed.</summary>
internal sealed record VerifiedPart(
    string Name,
    string Verdict,
    string Reason,
    string ReasonVi,
    string? Signer = null,
    IReadOnlyList<VerifiedSignature>? Signatures = null
);

/// <summary>One signature inside a PDF.</summary>
/// <param name="Time">Stamped by an authority, else as the signer claims.</param>
internal sealed record VerifiedSignature(
    string Verdict,
    string Reason,
    string ReasonVi,
    string Coverage,
    string? Signer,
    DateTimeOffset? Time,
    string? Changes
)
{
    public static VerifiedSignature Of(PdfSignature signature) =>
        new(
            Verification.NameOf(signature.Verdict.Kind),
            signature.Verdict.Reason,
            signature.Verdict.ReasonVi,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(signature.Coverage.ToString()),
            signature.Verdict.Subject,
            signature.StampedTime ?? signature.ClaimedTime,
            signature.Changes
        );
}
