using System.Security.Cryptography;

namespace Axis.Signatures;

/// <summary>A signature as it was read from a PDF file, before anybody is asked whom to trust.</summary>
internal sealed class PdfSigned : IDisposable
{
    private const int PieceBytes = 64 * 1024;

    public required long Offset { get; init; }
    public required PdfByteRange Range { get; init; }

    /// <summary>Null for a time stamp on the document.</summary>
    public CmsSignature? Signature { get; private init; }

    /// <summary>Null for a signature.</summary>
    public TimeStampToken? TimeStamp { get; private init; }

    /// <summary>The hash of the two runs, as signature or time stamp takes it.</summary>
    public byte[] Hash { get; private init; } = [];

    /// <exception cref="ProfileException">It is malformed or not supported.</exception>
    public static PdfSigned Read(Stream pdf, long offset, PdfByteRange range, byte[] value)
    {
        switch (PdfSignatureDictionary.ReadSubFilter(pdf, offset, range))
        {
            case "ETSI.RFC3161":
                var stamp = TimeStampToken.Read(value);
                return new PdfSigned
                {
                    Offset = offset,
                    Range = range,
                    TimeStamp = stamp,
                    Hash = HashRuns(pdf, range, stamp.ImprintHash),
                };
            case ("adbe.pkcs7.detached" or "ETSI.CAdES.detached") and var form:
                var signature = CmsSignature.Read(value, CmsAttributes.Data);
                // ETSI EN 319 142-1 section 6.3: this form names the certificate, so that none can be put in its place.
                if (form == "ETSI.CAdES.detached" && !signature.NamesCertificate)
                {
                    signature.Dispose();
                    throw ProfileException.Malformed(
                        "The PAdES signature does not name its certificate.",
                        "Chữ ký PAdES không chỉ rõ chứng thư số của người ký."
                    );
                }
                return new PdfSigned
                {
                    Offset = offset,
                    Range = range,
                    Signature = signature,
                    Hash = HashRuns(pdf, range, signature.Digest),
                };
            case var other:
                throw ProfileException.Unsupported(
                    $"The SubFilter '{other}' of the PDF signature is not accepted; adbe.pkcs7.detached, ETSI.CAdES.detached and ETSI.RFC3161 are.",
                    $"SubFilter '{other}' của chữ ký PDF không được chấp nhận; chỉ chấp nhận adbe.pkcs7.detached, ETSI.CAdES.detached và ETSI.RFC3161."
                );
        }
    }

    public void Dispose()
    {
        Signature?.Dispose();
        TimeStamp?.Dispose();
    }

    private static byte[] HashRuns(Stream pdf, PdfByteRange range, HashAlgorithmName algorithm)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        var piece = new byte[PieceBytes];
        (long Start, long Length)[] runs =
        [
            (range.FirstStart, range.FirstLength),
            (range.SecondStart, range.SecondLength),
        ];
        foreach (var (start, length) in runs)
        {
            pdf.Position = start;
            for (var left = length; left > 0; )
            {
                var wanted = (int)Math.Min(left, piece.Length);
                pdf.ReadExactly(piece, 0, wanted);
                hash.AppendData(piece, 0, wanted);
                left -= wanted;
            }
        }
        return hash.GetHashAndReset();
    }
}
