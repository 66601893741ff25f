using System.Text;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>
/// Digests the attachments that a signature names, in the same pass: the signature stands before them, so that ids and
/// algorithms are known when they stream by. What is digested is their content, decoded from base64.
/// </summary>
internal sealed class AttachmentDigests(IReadOnlyList<AttachmentReference> references) : IDisposable
{
    /// <summary>An id that is longer names no attachment of a signature.</summary>
    private const int MaxIdBytes = 1024;

    private readonly Dictionary<string, List<byte[]>> _found = new(StringComparer.Ordinal);
    private readonly Base64Digest _digest = new([
        .. references.Select(one => one.DigestAlgorithm).Distinct(),
    ]);
    private readonly MemoryStream _id = new();

    /// <summary>Depth of AttachmentEncoded while inside, else 0; an attachment is one deeper, its fields two.</summary>
    private int _listDepth;
    private bool _inId;
    private bool _inContent;
    private bool _hasContent;

    public void StartElement(in XmlStartTag tag)
    {
        if (_listDepth == 0)
        {
            if (tag.Depth is 2 or 3 && tag.LocalName.SequenceEqual("AttachmentEncoded"u8))
                _listDepth = tag.Depth;
            return;
        }
        if (tag.Depth == _listDepth + 1)
        {
            _id.SetLength(0);
            _hasContent = false;
            _digest.Begin();
        }
        else if (tag.Depth == _listDepth + 2)
        {
            _inId = tag.LocalName.SequenceEqual("ContentId"u8);
            _inContent = tag.LocalName.SequenceEqual("ContentTransferEncoded"u8);
            _hasContent |= _inContent;
        }
    }

    public void EndElement(in XmlEndTag tag)
    {
        if (_listDepth == 0)
            return;
        if (tag.Depth == _listDepth)
            _listDepth = 0;
        else if (tag.Depth == _listDepth + 1)
            EndAttachment();
        else if (tag.Depth == _listDepth + 2)
            _inId = _inContent = false;
    }

    public void Text(ReadOnlySpan<byte> raw, bool references)
    {
        if (_inContent)
            _digest.Append(raw, references);
        else if (_inId && _id.Length + raw.Length <= MaxIdBytes)
            _id.Write(references ? Encoding.UTF8.GetBytes(XmlText.Decode(raw)) : raw);
    }

    /// <summary>What is wrong with the attachments that the signature names; null when nothing is.</summary>
    public (SignatureVerdictKind Kind, string Reason, string ReasonVi)? Problem()
    {
        foreach (var reference in references)
        {
            if (!_found.TryGetValue(reference.ContentId, out var digests))
            {
                return (
                    SignatureVerdictKind.Broken,
                    $"The signature names the attachment '{reference.ContentId}', which the package does not have.",
                    $"Chữ ký nêu tệp đính kèm '{reference.ContentId}' nhưng gói tin không có tệp này."
                );
            }
            if (digests.Count == 0)
            {
                return (
                    SignatureVerdictKind.Malformed,
                    $"Several attachments have the id '{reference.ContentId}' that the signature names.",
                    $"Có nhiều tệp đính kèm cùng mã '{reference.ContentId}' mà chữ ký nêu."
                );
            }
            var index = _digest.Algorithms.IndexOf(reference.DigestAlgorithm);
            if (
                !System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(
                    digests[index],
                    reference.DigestValue
                )
            )
            {
                return (
                    SignatureVerdictKind.Broken,
                    $"The attachment '{reference.ContentId}' is not as it was signed: its digest differs.",
                    $"Tệp đính kèm '{reference.ContentId}' không còn nguyên như khi ký: giá trị băm không khớp."
                );
            }
        }
        return null;
    }

    public void Dispose()
    {
        _digest.Dispose();
        _id.Dispose();
    }

    private void EndAttachment()
    {
        var digests = _digest.Finish();
        var id = ReferenceProfile.Id(
            Encoding.UTF8.GetString(_id.GetBuffer().AsSpan(0, (int)_id.Length))
        );
        if (!_hasContent || !references.Any(one => one.ContentId == id))
            return;
        // An empty list stands for an id that is there twice.
        if (!_found.TryAdd(id, digests))
            _found[id] = [];
    }
}
