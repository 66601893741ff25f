using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Unicode;
using System.Xml;

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
    )
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(output);
        options ??= SigningOptions.Default;
        using var key =
            signer.HasPrivateKey && signer.GetRSAPrivateKey() is { } rsa
                ? rsa
                : throw new SigningException(
                    "The certificate has no RSA private key.",
                    "Chứng thư số không kèm khóa bí mật RSA."
                );
        using var buffer = new MemoryStream();
        package.CopyTo(buffer);
        var bytes = buffer.ToArray();
        RequireReadable(bytes);
        var layout = PackageLayout.Read(bytes);
        if (layout.SignatureStart >= 0)
        {
            if (!options.ReplaceExisting)
            {
                throw new SigningException(
                    "The package carries a Signature already.",
                    "Gói tin đã có phần tử Signature."
                );
            }
            bytes = [.. bytes[..layout.SignatureStart], .. bytes[layout.SignatureEnd..]];
            layout = PackageLayout.Read(bytes);
        }
        var form = options.ExclusiveCanonicalization
            ? CanonicalForm.ExclusivePlain
            : CanonicalForm.Inclusive;
        var digest = SHA256.HashData(Read(bytes).Document(form));
        var unsigned = Splice(
            bytes,
            layout.HeaderEnd,
            SignatureWriter.Write(form, digest, [], signer.RawData)
        );
        var value = key.SignData(
            Read(unsigned).SignedInfo(form),
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        output.Write(
            Splice(
                bytes,
                layout.HeaderEnd,
                SignatureWriter.Write(form, digest, value, signer.RawData)
            )
        );
    }

    private static Canonical Read(byte[] package)
    {
        using var stream = new MemoryStream(package);
        return new Canonical(stream, VerificationOptions.Default);
    }

    private static byte[] Splice(byte[] bytes, int at, string element) =>
        [.. bytes[..at], .. Encoding.UTF8.GetBytes(element), .. bytes[at..]];

    private static void RequireReadable(byte[] bytes)
    {
        if (!Utf8.IsValid(bytes))
            throw new SigningException(
                "The package is not in UTF-8.",
                "Gói tin không dùng bảng mã UTF-8."
            );
        try
        {
            using var stream = new MemoryStream(bytes);
            using var reader = XmlReader.Create(
                stream,
                PackageScan.Settings(VerificationOptions.Default)
            );
            while (reader.Read())
            {
                if (reader.Depth > VerificationOptions.Default.MaxDepth)
                {
                    throw new SigningException(
                        $"Elements are nested deeper than {VerificationOptions.Default.MaxDepth}.",
                        $"Các phần tử lồng nhau quá {VerificationOptions.Default.MaxDepth} cấp."
                    );
                }
            }
        }
        catch (XmlException e)
        {
            throw new SigningException(
                $"The package is not well-formed XML without DTD: line {e.LineNumber}, column {e.LinePosition}.",
                $"Gói tin không phải là XML đúng cú pháp và không có DTD: dòng {e.LineNumber}, cột {e.LinePosition}."
            );
        }
    }
}
