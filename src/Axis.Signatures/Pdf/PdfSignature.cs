namespace Axis.Signatures;

/// <summary>How much of a PDF file a signature covers.</summary>
public enum PdfCoverage
{
    /// <summary>Nothing that could be relied on: the byte range is not that of a signature.</summary>
    None,

    /// <summary>Every byte of the file but the signature value itself.</summary>
    WholeFile,

    /// <summary>A former revision: something was added to the file after this signature.</summary>
    LaterChanges,
}

/// <summary>One signature of a PDF file.</summary>
/// <param name="Verdict">What it is worth for the bytes that it covers.</param>
/// <param name="Coverage">Which bytes those are.</param>
/// <param name="ClaimedTime">The signing time that the signer states; nobody vouches for it.</param>
/// <param name="Offset">Where in the file its byte range is written.</param>
public sealed record PdfSignature(
    SignatureVerdict Verdict,
    PdfCoverage Coverage,
    DateTimeOffset? ClaimedTime,
    long Offset
);
