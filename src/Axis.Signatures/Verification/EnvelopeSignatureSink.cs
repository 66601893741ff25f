using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>
/// Verifies the envelope signature in the same pass in which a package is read: give it to a tokenizer or reader as a
/// sink and ask for the verdict when the package has ended.
/// </summary>
/// <param name="options">Limits and exceptions; null for the defaults.</param>
public sealed class EnvelopeSignatureSink(VerificationOptions? options = null)
    : IXmlSink,
        IDisposable
{
    private readonly VerificationOptions _options = options ?? VerificationOptions.Default;
    private readonly ElementPath _path = new();
    private readonly AncestorTags _ancestors = new();
    private readonly DocumentDigest _digest = new(
        (options ?? VerificationOptions.Default).MaxHeaderBytes
    );
    private SignatureCapture? _capture;
    private AttachmentDigests? _attachments;
    private SignatureClaims? _claims;
    private SignatureVerdict? _failure;
    private byte[]? _signedInfoHash;
    private byte[]? _documentDigest;
    private bool _headerEnded;
    private bool _rootEnded;

    private bool InSignature => _capture is { Complete: false };

    public void StartElement(in XmlStartTag tag)
    {
        if (_failure is not null)
            return;
        try
        {
            var isSignature = tag.LocalName.SequenceEqual("Signature"u8);
            if (InSignature)
            {
                if (isSignature)
                    throw Second();
                _capture!.StartElement(tag);
            }
            else if (isSignature)
            {
                BeginSignature(tag);
            }
            else
            {
                _path.Enter(tag);
                if (!_headerEnded)
                    _ancestors.StartElement(tag);
                _attachments?.StartElement(tag);
                _digest.Sink?.StartElement(tag);
                _digest.Bound();
            }
        }
        catch (ProfileException e)
        {
            Fail(e);
        }
    }

    public void EndElement(in XmlEndTag tag)
    {
        if (_failure is not null)
            return;
        if (InSignature)
        {
            _capture!.EndElement(tag);
            if (_capture.Complete)
                EndSignature();
            return;
        }
        if (_path.AtHeader && !_headerEnded)
            EndHeader();
        _path.Leave();
        _rootEnded = tag.Depth == 1;
        _attachments?.EndElement(tag);
        _digest.Sink?.EndElement(tag);
        _digest.Bound();
    }

    public void Text(ReadOnlySpan<byte> raw)
    {
        if (_failure is not null)
            return;
        if (!InSignature)
        {
            _attachments?.Text(raw, references: true);
            _digest.Sink?.Text(raw);
            _digest.Bound();
            return;
        }
        try
        {
            _capture!.Text(raw);
        }
        catch (ProfileException e)
        {
            Fail(e);
        }
    }

    public void CData(ReadOnlySpan<byte> raw, bool last)
    {
        if (Refused())
            return;
        _attachments?.Text(raw, references: false);
        _digest.Sink?.CData(raw, last);
        _digest.Bound();
    }

    public void Comment(ReadOnlySpan<byte> raw, bool last)
    {
        if (Refused())
            return;
        _digest.Sink?.Comment(raw, last);
        _digest.Bound();
    }

    public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data)
    {
        if (Refused())
            return;
        _digest.Sink?.ProcessingInstruction(target, data);
        _digest.Bound();
    }

    /// <summary>
    /// What the signature is worth. May be asked with several sets of certificates. The caller has seen to it that the
    /// whole document was well-formed: this sink does not hear of errors after the root element.
    /// </summary>
    /// <param name="registered">The certificates of the sender. No other key is ever used.</param>
    /// <param name="at">The time at which the certificate must have been valid.</param>
    /// <param name="chain">The registered certificate must also lead to an anchor of this judge and not be revoked by what it knows; null when the registry alone decides.</param>
    public SignatureVerdict Verdict(
        IReadOnlyList<RegisteredCertificate> registered,
        DateTimeOffset at,
        ChainJudge? chain = null
    )
    {
        ArgumentNullException.ThrowIfNull(registered);
        if (_failure is not null)
            return _failure;
        if (!_rootEnded)
        {
            return new SignatureVerdict(
                SignatureVerdictKind.Malformed,
                "The package breaks off before its end.",
                "Gói tin bị ngắt trước khi kết thúc."
            );
        }
        if (_claims is null)
        {
            return new SignatureVerdict(
                SignatureVerdictKind.None,
                "The package carries no signature.",
                "Gói tin không có chữ ký số."
            );
        }
        _documentDigest ??= _digest.Finish();
        return CertificateJudge.Judge(
            _claims,
            registered,
            at,
            _options,
            chain,
            _signedInfoHash,
            _documentDigest,
            _attachments?.Problem()
        );
    }

    public void Dispose()
    {
        _digest.Dispose();
        _attachments?.Dispose();
    }

    private void BeginSignature(in XmlStartTag tag)
    {
        if (!_path.AtHeader || (_headerEnded && _capture is null))
        {
            var place = _path.Show(tag.Name);
            throw ProfileException.Malformed(
                $"A Signature element stands at {place}; its place is edXML/edXMLEnvelope/edXMLHeader/Signature, in the first edXMLHeader.",
                $"Phần tử Signature nằm tại {place}; vị trí đúng là edXML/edXMLEnvelope/edXMLHeader/Signature, trong edXMLHeader đầu tiên."
            );
        }
        if (_capture is not null)
            throw Second();
        _capture = new SignatureCapture(_options.MaxSignatureLength);
        _capture.StartElement(tag);
    }

    private void EndSignature()
    {
        try
        {
            var claims = SignatureProfile.Read(_capture!.Root!);
            if (claims.UsesSha1 && _options.Sha1Exceptions.Count == 0)
                throw CertificateJudge.Sha1();
            var signedInfo = CanonicalSignedInfo.Write(
                _ancestors.ToBytes(),
                _capture.Bytes,
                claims.SignedInfoForm
            );
            _signedInfoHash = Digests.Hash(claims.Algorithm.Hash, signedInfo);
            if (!_digest.TryStart(claims.DocumentForm, claims.DigestAlgorithm))
            {
                throw ProfileException.Unsupported(
                    $"More than {_options.MaxHeaderBytes} bytes precede the Signature element; then only inclusive canonicalisation with SHA-256 is accepted.",
                    $"Có hơn {_options.MaxHeaderBytes} byte đứng trước phần tử Signature; khi đó chỉ chấp nhận chuẩn hóa bao hàm với SHA-256."
                );
            }
            _claims = claims;
            if (claims.Attachments.Count > 0)
                _attachments = new AttachmentDigests(claims.Attachments);
        }
        catch (ProfileException e)
        {
            Fail(e);
        }
    }

    /// <summary>No signature can follow any more: without one there is nothing to digest.</summary>
    private void EndHeader()
    {
        _headerEnded = true;
        if (_capture is null)
            _digest.Abandon();
    }

    private bool Refused()
    {
        if (_failure is null && InSignature)
            Fail(SignatureCapture.Refused());
        return _failure is not null;
    }

    private void Fail(ProfileException problem)
    {
        _failure = problem.Verdict;
        _digest.Abandon();
    }

    private static ProfileException Second() =>
        ProfileException.Malformed(
            "The package has more than one Signature element.",
            "Gói tin có nhiều hơn một phần tử Signature."
        );
}
