using System.Buffers;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>Verifies the envelope signature of a package (XML-DSig, enveloped, over the whole document) in one pass and constant memory.</summary>
/// <param name="options">Limits and exceptions; null for the defaults.</param>
public sealed class EnvelopeVerifier(VerificationOptions? options = null)
{
    /// <summary>Tokenising and hashing take turns on pieces that stay in the processor's cache.</summary>
    private const int PieceBytes = 32 * 1024;
    private readonly VerificationOptions _options = options ?? VerificationOptions.Default;

    /// <summary>Judges the signature of a package. Bad packages give a verdict, never an exception.</summary>
    /// <param name="package">Read from its position to its end.</param>
    /// <param name="registered">The certificates of the sender. No other key is ever used.</param>
    /// <param name="at">The time at which the certificate must have been valid.</param>
    /// <param name="chain">The registered certificate must also lead to an anchor of this judge and not be revoked by what it knows; null when the registry alone decides.</param>
    public SignatureVerdict Verify(
        Stream package,
        IReadOnlyList<RegisteredCertificate> registered,
        DateTimeOffset at,
        ChainJudge? chain = null
    )
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(registered);
        using var sink = new EnvelopeSignatureSink(_options);
        var tokenizer = new XmlTokenizer(sink, new XmlLimits { MaxDepth = _options.MaxDepth });
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (var length = 1; length > 0 && !tokenizer.Failed; )
            {
                length = package.Read(piece, 0, PieceBytes);
                tokenizer.Feed(piece.AsSpan(0, length));
                if (tokenizer.Offset > _options.MaxPackageBytes)
                    return TooLarge();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
        tokenizer.Complete();
        return tokenizer.Failed
            ? NotWellFormed(tokenizer.Error)
            : sink.Verdict(registered, at, chain);
    }

    private SignatureVerdict TooLarge() =>
        new(
            SignatureVerdictKind.Malformed,
            $"The package is larger than {_options.MaxPackageBytes} bytes.",
            $"Gói tin lớn hơn {_options.MaxPackageBytes} byte."
        );

    private SignatureVerdict NotWellFormed(XmlError error)
    {
        var (line, column) = (error.Position.Line, error.Position.Column);
        return error.Kind switch
        {
            XmlErrorKind.TooDeep => new SignatureVerdict(
                SignatureVerdictKind.Malformed,
                $"Elements are nested deeper than {_options.MaxDepth} at line {line}, column {column}.",
                $"Các phần tử lồng nhau quá {_options.MaxDepth} cấp tại dòng {line}, cột {column}."
            ),
            XmlErrorKind.Dtd => new SignatureVerdict(
                SignatureVerdictKind.Malformed,
                $"The package has a DTD at line {line}, column {column}; none is ever read.",
                $"Gói tin có DTD tại dòng {line}, cột {column}; DTD không được chấp nhận."
            ),
            _ => new SignatureVerdict(
                SignatureVerdictKind.Malformed,
                $"The package is not well-formed XML in UTF-8: {error.Kind} at line {line}, column {column}.",
                $"Gói tin không phải là XML đúng cú pháp theo UTF-8: lỗi {error.Kind} tại dòng {line}, cột {column}."
            ),
        };
    }
}
