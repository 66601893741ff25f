using System.Buffers;
using System.Security.Cryptography;

namespace Axis.Signatures;

/// <summary>
/// Verifies the signatures of a PDF file (CMS, detached) over a seekable stream, in bounded memory. It does not read
/// the structure of the PDF and need not: a signature whose range is the whole file proves all its bytes, whatever
/// they mean.
/// </summary>
/// <param name="options">Limits and exceptions; null for the defaults.</param>
public sealed class PdfSignatureVerifier(VerificationOptions? options = null)
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>Each one costs a pass over the file.</summary>
    private const int MaxSignatures = 32;

    /// <summary>Hex digits of one signature value.</summary>
    private const int MaxValueDigits = 1024 * 1024;

    private readonly VerificationOptions _options = options ?? VerificationOptions.Default;

    private static ReadOnlySpan<byte> Name => "/ByteRange"u8;

    /// <summary>Judges every signature, in the order of the file. Bad files give verdicts, never exceptions.</summary>
    /// <param name="pdf">Seekable; read as a whole from its beginning.</param>
    /// <param name="chain">Judges the signers by the authorities that are trusted.</param>
    /// <param name="at">The time at which the certificates must have been valid.</param>
    /// <returns>Empty for a file without signatures. A good signature is <see cref="SignatureVerdictKind.NotYetChecked"/> where revocation is not known.</returns>
    public IReadOnlyList<PdfSignature> Verify(Stream pdf, ChainJudge chain, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(pdf);
        ArgumentNullException.ThrowIfNull(chain);
        var signatures = new List<PdfSignature>();
        foreach (var offset in FindRanges(pdf))
        {
            try
            {
                if (signatures.Count == MaxSignatures)
                    throw TooMany();
                signatures.Add(Verify(pdf, offset, chain, at));
            }
            catch (ProfileException e)
            {
                signatures.Add(new PdfSignature(e.Verdict, PdfCoverage.None, null, offset));
            }
        }
        return signatures;
    }

    private static ProfileException TooMany() =>
        ProfileException.Unsupported(
            $"The PDF has more than {MaxSignatures} signatures; the others were not judged.",
            $"Tệp PDF có hơn {MaxSignatures} chữ ký; các chữ ký còn lại không được kiểm tra."
        );

    private static List<long> FindRanges(Stream pdf)
    {
        var found = new List<long>();
        var piece = new byte[PieceBytes];
        var kept = 0;
        pdf.Position = 0;
        // One more than is judged, so that the verdicts can say that there are more.
        const int enough = MaxSignatures + 1;
        for (long start = 0; ; )
        {
            var length = pdf.ReadAtLeast(piece.AsSpan(kept), 1, throwOnEndOfStream: false);
            if (length == 0 || found.Count == enough)
                return found;
            var bytes = piece.AsSpan(0, kept + length);
            var at = 0;
            for (var next = bytes.IndexOf(Name); next >= 0; next = bytes[at..].IndexOf(Name))
            {
                at += next + Name.Length;
                if (found.Count < enough)
                    found.Add(start + at - Name.Length);
            }
            kept = Math.Min(Name.Length - 1, bytes.Length - at);
            start += bytes.Length - kept;
            bytes[^kept..].CopyTo(piece);
        }
    }

    private PdfSignature Verify(Stream pdf, long offset, ChainJudge chain, DateTimeOffset at)
    {
        var range = ReadRange(pdf, offset);
        using var signature = CmsSignature.Read(ReadValue(pdf, range));
        var signer = new SignerFacts(signature.Signer);
        if (signature.UsesSha1 && !_options.AllowsSha1(signer.Thumbprint, at))
            throw CertificateJudge.Sha1();
        var coverage = range.End == pdf.Length ? PdfCoverage.WholeFile : PdfCoverage.LaterChanges;
        using var hash = IncrementalHash.CreateHash(signature.Digest);
        Append(hash, pdf, range.FirstStart, range.FirstLength);
        Append(hash, pdf, range.SecondStart, range.SecondLength);
        var verdict = signature.Holds(hash.GetHashAndReset())
            ? chain.Judge(signer, at, signature.Certificates, forTimeStamps: false)
            : signer.Verdict(
                SignatureVerdictKind.Broken,
                "The PDF is not as it was signed, or another key signed it.",
                "Tệp PDF không còn nguyên như khi ký, hoặc được ký bằng khóa khác."
            );
        if (signature.UsesSha1)
            verdict = CertificateJudge.MarkSha1(verdict);
        return new PdfSignature(verdict, coverage, signature.ClaimedTime, offset);
    }

    private static PdfByteRange ReadRange(Stream pdf, long offset)
    {
        Span<byte> text = stackalloc byte[PdfByteRange.MaxLength];
        pdf.Position = offset + Name.Length;
        text = text[..pdf.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        var range = PdfByteRange.Read(text);
        // The first run starts with the file, and nothing but the value lies between the two.
        var sound =
            range is not null
            && range.FirstStart == 0
            && range.FirstLength is > 0 and < int.MaxValue
            && range.SecondStart < int.MaxValue
            && range.GapLength is > 2 and <= MaxValueDigits
            && range.SecondLength <= pdf.Length - range.SecondStart;
        return sound
            ? range!
            : throw ProfileException.Malformed(
                $"The ByteRange at byte {offset} is not that of a signature of this file.",
                $"ByteRange tại byte {offset} không phải là phạm vi chữ ký của tệp này."
            );
    }

    private static byte[] ReadValue(Stream pdf, PdfByteRange range)
    {
        var gap = new byte[range.GapLength];
        pdf.Position = range.GapStart;
        pdf.ReadExactly(gap);
        var digits = gap.AsSpan(1..^1);
        if (
            gap[0] == (byte)'<'
            && gap[^1] == (byte)'>'
            && digits.Length % 2 == 0
            && !digits.ContainsAnyExcept(HexDigits)
        )
            return Convert.FromHexString(digits);
        throw ProfileException.Malformed(
            "Between the two runs of the ByteRange lies something else than a signature value: it would not be signed.",
            "Giữa hai đoạn của ByteRange có nội dung không phải giá trị chữ ký: phần này không được ký."
        );
    }

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create(
        "0123456789abcdefABCDEF"u8
    );

    private static void Append(IncrementalHash hash, Stream pdf, long start, long length)
    {
        var piece = new byte[PieceBytes];
        pdf.Position = start;
        while (length > 0)
        {
            var wanted = (int)Math.Min(length, piece.Length);
            pdf.ReadExactly(piece, 0, wanted);
            hash.AppendData(piece, 0, wanted);
            length -= wanted;
        }
    }
}
