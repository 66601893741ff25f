namespace Axis.Signatures;

/// <summary>What a signature is worth.</summary>
public enum SignatureVerdictKind
{
    /// <summary>The package carries no signature.</summary>
    None,

    /// <summary>There is a signature, but not in the form or place that the format gives it.</summary>
    Malformed,

    /// <summary>A sample signature that nobody ever made with a key.</summary>
    Placeholder,

    /// <summary>Well formed, but with an algorithm, transform or reference outside the profile.</summary>
    Unsupported,

    /// <summary>The digest or the signature value does not match: the package was changed, or another key signed it.</summary>
    Broken,

    /// <summary>The certificate is not registered for the sender, or must not sign packages.</summary>
    Untrusted,

    /// <summary>The certificate was not valid at the time in question: expired, or not yet valid.</summary>
    Expired,

    /// <summary>The certificate was revoked before the time in question.</summary>
    Revoked,

    /// <summary>The signature holds, but its certificate's revocation could not be checked yet.</summary>
    NotYetChecked,

    /// <summary>The whole package is as the registered certificate's owner signed it.</summary>
    Valid,
}

/// <summary>The answer to one verification.</summary>
/// <param name="Kind">What the signature is worth.</param>
/// <param name="Reason">Why, in English.</param>
/// <param name="ReasonVi">Why, in Vietnamese.</param>
/// <param name="Thumbprint">SHA-256 of the signer's certificate in lower-case hex, as far as one is known.</param>
/// <param name="Subject">The subject of that certificate.</param>
public sealed record SignatureVerdict(
    SignatureVerdictKind Kind,
    string Reason,
    string ReasonVi,
    string? Thumbprint = null,
    string? Subject = null
)
{
    /// <summary>What was known about revocation; null when the verdict did not come so far, or the registry alone decides.</summary>
    public RevocationState? Revocation { get; init; }

    /// <summary>The signature uses SHA-1 and is accepted only by a dated exception.</summary>
    public bool Sha1Excepted { get; init; }

    public bool IsValid => Kind == SignatureVerdictKind.Valid;
}
