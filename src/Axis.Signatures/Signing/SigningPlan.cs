using System.Security.Cryptography;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>What one pass over a package must find out before it can be signed: where the signature goes, and the digest of the rest.</summary>
internal sealed class SigningPlan : IXmlSink, IDisposable
{
    private readonly ElementPath _path = new();
    private readonly DigestOutput _output = new(HashAlgorithmName.SHA256);
    private readonly AncestorTags _ancestors = new();
    private readonly Canonicalizer _canonicalizer;
    private int _signatureDepth;

    public SigningPlan(CanonicalForm form) => _canonicalizer = new Canonicalizer(form, _output);

    /// <summary>Offset of the end tag of the first edXMLHeader; -1 for none.</summary>
    public long HeaderEnd { get; private set; } = -1;

    /// <summary>Offset of a Signature child of edXMLHeader; -1 for none.</summary>
    public long SignatureStart { get; private set; } = -1;
    public long SignatureEnd { get; private set; } = -1;

    /// <summary>There is a Signature elsewhere, or more than one.</summary>
    public bool Misplaced { get; private set; }

    /// <summary>The start tags of edXML, edXMLEnvelope and edXMLHeader.</summary>
    public byte[] Ancestors => _ancestors.ToBytes();

    public byte[] FinishDigest() => _output.Finish();

    public void StartElement(in XmlStartTag tag)
    {
        var isSignature = tag.LocalName.SequenceEqual("Signature"u8);
        if (_signatureDepth > 0 || isSignature)
        {
            Misplaced |= isSignature && (!_path.AtHeader || SignatureStart >= 0 || HeaderEnd >= 0);
            if (_signatureDepth > 0)
                return;
            _signatureDepth = tag.Depth;
            SignatureStart = tag.Start;
            return;
        }
        _path.Enter(tag);
        if (HeaderEnd < 0)
            _ancestors.StartElement(tag);
        _canonicalizer.StartElement(tag);
    }

    public void EndElement(in XmlEndTag tag)
    {
        if (_signatureDepth > 0)
        {
            if (tag.Depth != _signatureDepth)
                return;
            _signatureDepth = 0;
            SignatureEnd = tag.End;
            _canonicalizer.SkipElement();
            return;
        }
        if (_path.AtHeader && HeaderEnd < 0 && !tag.Raw.IsEmpty)
            HeaderEnd = tag.Start;
        _path.Leave();
        _canonicalizer.EndElement(tag);
    }

    public void Text(ReadOnlySpan<byte> raw)
    {
        if (_signatureDepth == 0)
            _canonicalizer.Text(raw);
    }

    public void CData(ReadOnlySpan<byte> raw, bool last)
    {
        if (_signatureDepth == 0)
            _canonicalizer.CData(raw, last);
    }

    public void Comment(ReadOnlySpan<byte> raw, bool last)
    {
        if (_signatureDepth == 0)
            _canonicalizer.Comment(raw, last);
    }

    public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data)
    {
        if (_signatureDepth == 0)
            _canonicalizer.ProcessingInstruction(target, data);
    }

    public void Dispose() => _output.Dispose();
}
