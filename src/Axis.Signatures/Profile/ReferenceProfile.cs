using System.Security.Cryptography;

namespace Axis.Signatures;

/// <summary>What a signature says it is over.</summary>
internal sealed record SignedReferences(
    CanonicalForm DocumentForm,
    HashAlgorithmName Algorithm,
    byte[] Value,
    IReadOnlyList<AttachmentReference> Attachments
);

/// <summary>The references that are accepted: exactly one to the whole document, and any to attachments beside it.</summary>
internal static class ReferenceProfile
{
    private const int MaxAttachments = 64;
    private const string Scheme = "cid:";

    public static SignedReferences Read(IReadOnlyList<SignatureNode> references)
    {
        SignedReferences? document = null;
        var attachments = new List<AttachmentReference>();
        foreach (var reference in references)
        {
            var uri = Uri(reference);
            if (uri.StartsWith(Scheme, StringComparison.Ordinal))
            {
                attachments.Add(ReadAttachment(reference, uri[Scheme.Length..]));
                continue;
            }
            if (uri.Length > 0)
            {
                throw ProfileException.Unsupported(
                    $"Reference points to '{uri}'; only the whole document (URI=\"\") and attachments (cid:) can be signed.",
                    $"Reference trỏ tới '{uri}'; chỉ được ký toàn bộ gói tin (URI=\"\") và tệp đính kèm (cid:)."
                );
            }
            if (document is not null)
            {
                throw ProfileException.Unsupported(
                    "SignedInfo has more than one Reference to the whole document.",
                    "SignedInfo có nhiều hơn một Reference tới toàn bộ gói tin."
                );
            }
            document = ReadDocument(reference);
        }
        if (document is null)
        {
            throw ProfileException.Unsupported(
                "No Reference covers the whole document (URI=\"\"); attachments alone prove no package.",
                "Không có Reference nào phủ toàn bộ gói tin (URI=\"\"); chỉ ký tệp đính kèm là chưa đủ."
            );
        }
        if (attachments.Count > MaxAttachments)
        {
            throw ProfileException.Unsupported(
                $"SignedInfo names more than {MaxAttachments} attachments.",
                $"SignedInfo nêu hơn {MaxAttachments} tệp đính kèm."
            );
        }
        return document with { Attachments = attachments };
    }

    /// <summary>An id as it is compared: some producers write cid: on one side only.</summary>
    public static string Id(string contentId)
    {
        var id = contentId.Trim();
        return id.StartsWith(Scheme, StringComparison.Ordinal) ? id[Scheme.Length..] : id;
    }

    private static string Uri(SignatureNode reference) =>
        reference.Attributes.TryGetValue("URI", out var uri)
            ? uri
            : throw ProfileException.Malformed(
                "Reference has no URI.",
                "Reference thiếu thuộc tính URI."
            );

    private static SignedReferences ReadDocument(SignatureNode reference)
    {
        Expect(reference, ["Transforms", "DigestMethod", "DigestValue"]);
        var (algorithm, value) = ReadDigest(reference.Children[1], reference.Children[2]);
        return new SignedReferences(ReadTransforms(reference.Children[0]), algorithm, value, []);
    }

    /// <summary>Octets need no transform, and none may make others of them.</summary>
    private static AttachmentReference ReadAttachment(SignatureNode reference, string id)
    {
        if (reference.Child("Transforms") is not null)
        {
            throw ProfileException.Unsupported(
                $"The Reference to the attachment '{id}' has transforms; its content is digested as it is.",
                $"Reference tới tệp đính kèm '{id}' có phép biến đổi; nội dung tệp được băm nguyên trạng."
            );
        }
        Expect(reference, ["DigestMethod", "DigestValue"]);
        var (algorithm, value) = ReadDigest(reference.Children[0], reference.Children[1]);
        return new AttachmentReference(System.Uri.UnescapeDataString(id), algorithm, value);
    }

    private static void Expect(SignatureNode reference, string[] expected)
    {
        if (
            reference
                .Children.Select(child => child.LocalName)
                .SequenceEqual(expected, StringComparer.Ordinal)
        )
            return;
        var names = string.Join(", ", expected);
        throw ProfileException.Malformed(
            $"Reference must hold {names}, in this order.",
            $"Reference phải có {names} theo đúng thứ tự."
        );
    }

    private static (HashAlgorithmName Algorithm, byte[] Value) ReadDigest(
        SignatureNode method,
        SignatureNode value
    )
    {
        var uri = SignatureProfile.Algorithm(method);
        var digest =
            SignatureAlgorithm.FindDigest(uri)
            ?? throw SignatureProfile.NotListed("digest algorithm", "Thuật toán băm", uri);
        return (digest, SignatureProfile.ReadBase64(value));
    }

    private static CanonicalForm ReadTransforms(SignatureNode transforms)
    {
        var list = transforms.Children;
        foreach (var transform in list)
        {
            if (transform.LocalName != "Transform")
                throw SignatureProfile.Unexpected(transforms, transform);
            var uri = SignatureProfile.Algorithm(transform);
            if (uri == DsigUris.BogusExclusive)
            {
                throw ProfileException.Unsupported(
                    $"The transform '{uri}' does not exist; exclusive canonicalisation is '{DsigUris.Exclusive}'.",
                    $"Phép biến đổi '{uri}' không tồn tại; chuẩn hóa loại trừ là '{DsigUris.Exclusive}'."
                );
            }
            if (uri != DsigUris.EnvelopedSignature && !SignatureProfile.IsCanonicalization(uri))
                throw SignatureProfile.NotListed("transform", "Phép biến đổi", uri);
        }
        // Without a canonicalisation transform, inclusive canonicalisation applies (xmldsig-core1 section 4.4.3.2).
        if (
            list.Count is < 1 or > 2
            || SignatureProfile.Algorithm(list[0]) != DsigUris.EnvelopedSignature
            || list[0].Children.Count > 0
        )
        {
            throw ProfileException.Unsupported(
                "The transforms must be enveloped-signature, then at most one canonicalisation.",
                "Các phép biến đổi phải là enveloped-signature, rồi tối đa một phép chuẩn hóa."
            );
        }
        if (list.Count == 1)
            return CanonicalForm.Inclusive;
        if (SignatureProfile.Algorithm(list[1]) == DsigUris.EnvelopedSignature)
        {
            throw ProfileException.Unsupported(
                "The transform enveloped-signature is given twice.",
                "Phép biến đổi enveloped-signature bị lặp lại."
            );
        }
        // A reference with URI="" covers all nodes but comments, whatever the canonicalisation (xmldsig-core1 section 4.4.3.3).
        return SignatureProfile.ReadForm(list[1]) with { WithComments = false };
    }
}
