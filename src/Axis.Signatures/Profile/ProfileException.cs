namespace Axis.Signatures;

/// <summary>Ends the reading of a signature with a verdict. Never leaves the verifier.</summary>
internal sealed class ProfileException(SignatureVerdict verdict) : Exception(verdict.Reason)
{
    public SignatureVerdict Verdict { get; } = verdict;

    public static ProfileException Malformed(string reason, string reasonVi) =>
        new(new SignatureVerdict(SignatureVerdictKind.Malformed, reason, reasonVi));

    public static ProfileException Unsupported(string reason, string reasonVi) =>
        new(new SignatureVerdict(SignatureVerdictKind.Unsupported, reason, reasonVi));
}
