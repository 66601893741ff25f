using System.Security.Cryptography;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>
/// Digests the document around its Signature element. How it must be done is known only when that element has been
/// read, so the events before it are recorded, up to a limit; beyond it the usual way is assumed.
/// </summary>
internal sealed class DocumentDigest(int maxRecord) : IDisposable
{
    private EventRecord? _record = new();
    private Canonicalizer? _canonicalizer;
    private DigestOutput? _output;
    private CanonicalForm? _form;

    /// <summary>Where the events of the document go; null when nobody needs them.</summary>
    public IXmlSink? Sink => (IXmlSink?)_canonicalizer ?? _record;

    /// <summary>To be called now and then while recording: keeps the record within its limit.</summary>
    public void Bound()
    {
        if (_record?.Length > maxRecord)
            Start(CanonicalForm.Inclusive, HashAlgorithmName.SHA256);
    }

    /// <summary>False when the digest was begun in another way already.</summary>
    public bool TryStart(CanonicalForm form, HashAlgorithmName algorithm)
    {
        if (_record is not null)
            Start(form, algorithm);
        _canonicalizer?.SkipElement();
        return _form is not null && _form.SameAs(form) && _output!.Algorithm == algorithm;
    }

    /// <summary>Nobody will ask for a digest.</summary>
    public void Abandon()
    {
        _record = null;
        _canonicalizer = null;
    }

    public byte[] Finish() =>
        _output?.Finish() ?? throw new InvalidOperationException("The digest was never started.");

    public void Dispose() => _output?.Dispose();

    private void Start(CanonicalForm form, HashAlgorithmName algorithm)
    {
        _form = form;
        _output = new DigestOutput(algorithm);
        _canonicalizer = new Canonicalizer(form, _output);
        _record!.Replay(_canonicalizer);
        _record = null;
    }
}
