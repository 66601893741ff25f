namespace Axis.Signatures;

/// <summary>Verifies the envelope signature of a package (XML-DSig, enveloped, over the whole document).</summary>
/// <param name="options">Limits and exceptions; null for the defaults.</param>
public sealed class EnvelopeVerifier(VerificationOptions? options = null)
{
    private readonly VerificationOptions _options = options ?? VerificationOptions.Default;

    /// <summary>Judges the signature of a package. Bad packages give a verdict, never an exception.</summary>
    /// <param name="package">Seekable, at its beginning.</param>
    /// <param name="registered">The certificates of the sender. No other key is ever used.</param>
    /// <param name="at">The time at which the certificate must have been valid.</param>
    public SignatureVerdict Verify(
        Stream package,
        IReadOnlyList<RegisteredCertificate> registered,
        DateTimeOffset at
    ) => throw new NotSupportedException($"Not built yet ({_options.MaxDepth}).");
}
