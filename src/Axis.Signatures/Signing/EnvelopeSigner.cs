using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.EdXml.Xml;

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
        var bytes = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        var form = options.ExclusiveCanonicalization
            ? CanonicalForm.ExclusivePlain
            : CanonicalForm.Inclusive;
        using var plan = Plan(bytes, form, options);
        var digest = plan.FinishDigest();
        var unsigned = SignatureWriter.Write(form, digest, [], signer.RawData);
        var value = key.SignData(
            CanonicalSignedInfo.Write(plan.Ancestors, unsigned, form),
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        var headerEnd = (int)plan.HeaderEnd;
        if (plan.SignatureStart >= 0)
        {
            output.Write(bytes[..(int)plan.SignatureStart]);
            output.Write(bytes[(int)plan.SignatureEnd..headerEnd]);
        }
        else
        {
            output.Write(bytes[..headerEnd]);
        }
        output.Write(SignatureWriter.Write(form, digest, value, signer.RawData));
        output.Write(bytes[headerEnd..]);
    }

    private static SigningPlan Plan(
        ReadOnlySpan<byte> package,
        CanonicalForm form,
        SigningOptions options
    )
    {
        var plan = new SigningPlan(form);
        var tokenizer = new XmlTokenizer(plan);
        tokenizer.Feed(package);
        tokenizer.Complete();
        var problem = Problem(plan, tokenizer.Error, options);
        if (problem is null)
            return plan;
        plan.Dispose();
        throw problem;
    }

    private static SigningException? Problem(
        SigningPlan plan,
        XmlError error,
        SigningOptions options
    )
    {
        if (error.Kind != XmlErrorKind.None)
        {
            var (line, column) = (error.Position.Line, error.Position.Column);
            return new SigningException(
                $"The package is not well-formed XML in UTF-8 without DTD: {error.Kind} at line {line}, column {column}.",
                $"Gói tin không phải là XML đúng cú pháp theo UTF-8 và không có DTD: lỗi {error.Kind} tại dòng {line}, cột {column}."
            );
        }
        if (plan.HeaderEnd < 0)
        {
            return new SigningException(
                "The package has no edXML/edXMLEnvelope/edXMLHeader with content to hold the signature.",
                "Gói tin không có edXML/edXMLEnvelope/edXMLHeader để đặt chữ ký."
            );
        }
        if (plan.Misplaced)
        {
            return new SigningException(
                "The package has a Signature outside its place, or several; it is not a package to sign.",
                "Gói tin có Signature sai vị trí hoặc nhiều Signature; không thể ký."
            );
        }
        return plan.SignatureStart >= 0 && !options.ReplaceExisting
            ? new SigningException(
                "The package carries a Signature already.",
                "Gói tin đã có phần tử Signature."
            )
            : null;
    }
}
