using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>How a package is signed.</summary>
public sealed record SigningOptions
{
    public static SigningOptions Default { get; } = new();

    /// <summary>Replace a Signature that is already there, placeholders included; otherwise such a package is refused.</summary>
    public bool ReplaceExisting { get; init; }

    /// <summary>Exclusive instead of inclusive canonicalisation.</summary>
    public bool ExclusiveCanonicalization { get; init; }
}

/// <summary>Why a package cannot be signed.</summary>
public sealed class SigningException(string message, string messageVi) : Exception(message)
{
    public string MessageVi { get; } = messageVi;
}

/// <summary>Signs packages: an enveloped XML-DSig signature as last child of edXMLHeader.</summary>
public static class EnvelopeSigner
{
    /// <summary>Writes the package with a signature spliced in; every other byte stays as it is.</summary>
    /// <param name="package">The package, read to its end.</param>
    /// <param name="signer">Certificate with RSA private key.</param>
    /// <param name="output">Receives the signed package.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="SigningException">The package is not one, or is signed already.</exception>
    public static void Sign(
        Stream package,
        X509Certificate2 signer,
        Stream output,
        SigningOptions? options = null
    ) => throw new NotSupportedException("Not built yet.");
}
