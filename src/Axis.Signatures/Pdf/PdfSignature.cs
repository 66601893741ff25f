namespace Axis.Signatures;

/// <summary>How much of a PDF file a signature covers.</summary>
public enum PdfCoverage
{
    /// <summary>Nothing that could be relied on: the byte range is not that of a signature.</summary>
    None,

    /// <summary>Every byte of the file but the signature value itself.</summary>
    WholeFile,

    /// <summary>A former revision; what was added since are only further signatures that hold, time stamps and validation data.</summary>
    LaterSignatures,

    /// <summary>A former revision; something else was changed or added since, or what was added cannot be understood.</summary>
    LaterChanges,
}

/// <summary>What a signature of a PDF file is for.</summary>
public enum PdfSignatureType
{
    /// <summary>Somebody signed the document.</summary>
    Signature,

    /// <summary>A time-stamping authority vouches for the time (ETSI EN 319 142-1, document time stamp).</summary>
    DocumentTimeStamp,
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
)
{
    public PdfSignatureType Type { get; init; }

    /// <summary>When the signature existed at the latest, by the word of a time-stamping authority that leads to an anchor; null when none says so.</summary>
    public DateTimeOffset? StampedTime { get; init; }

    /// <summary>What the time stamp on this signature is worth; null when there is none.</summary>
    public SignatureVerdict? TimeStamp { get; init; }

    /// <summary>What was changed after the signature, in English; null when nothing was, or only more signatures.</summary>
    public string? Changes { get; init; }

    /// <summary>The same in Vietnamese.</summary>
    public string? ChangesVi { get; init; }

    /// <summary>The changes are only signatures that hold, of signers whose certificates do not pass.</summary>
    internal bool FollowedByStrangers { get; init; }
}
