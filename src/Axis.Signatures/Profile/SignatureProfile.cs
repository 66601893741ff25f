namespace Axis.Signatures;

/// <summary>The one form of signature that is accepted. Everything not named here is refused.</summary>
internal static class SignatureProfile
{
    /// <summary>The shortest real certificate is far longer; the samples of the field carry eleven characters.</summary>
    private const int ShortestCertificate = 200;

    /// <exception cref="ProfileException">With the verdict on a signature outside the profile.</exception>
    public static SignatureClaims Read(SignatureNode signature)
    {
        RefusePlaceholder(signature);
        if (LostNamespace(signature))
        {
            var (note, noteVi) = BogusTransform(signature);
            throw ProfileException.Malformed(
                $"The Signature element is in the namespace '{signature.NamespaceUri}' instead of '{DsigUris.Namespace}': it was re-serialised and cannot be verified.{note}",
                $"Phần tử Signature nằm trong không gian tên '{signature.NamespaceUri}' thay vì '{DsigUris.Namespace}': gói tin đã bị ghi lại nên không kiểm tra được chữ ký.{noteVi}"
            );
        }
        CheckElements(signature);
        ExpectChildren(signature, ["SignedInfo", "SignatureValue", "KeyInfo"], required: 2);
        var signedInfo = signature.Children[0];
        ExpectChildren(
            signedInfo,
            ["CanonicalizationMethod", "SignatureMethod", "Reference"],
            required: 3
        );
        var references = ReferenceProfile.Read(signedInfo.Children.Skip(2).ToList());
        return new SignatureClaims
        {
            SignedInfoForm = ReadForm(signedInfo.Children[0]),
            Algorithm = ReadSignatureMethod(signedInfo.Children[1]),
            DocumentForm = references.DocumentForm,
            DigestAlgorithm = references.Algorithm,
            DigestValue = references.Value,
            Attachments = references.Attachments,
            SignatureValue = ReadBase64(signature.Children[1]),
            Certificates = ReadCertificates(signature),
        };
    }

    private static void RefusePlaceholder(SignatureNode signature)
    {
        var certificates = signature.Descendants("X509Certificate").ToList();
        var placeholder = certificates.Find(c => Compact(c).Length < ShortestCertificate);
        if (placeholder is null)
            return;
        var (notes, notesVi) = BogusTransform(signature);
        if (LostNamespace(signature))
        {
            notes =
                $" The Signature element is in the namespace '{signature.NamespaceUri}'.{notes}";
            notesVi =
                $" Phần tử Signature nằm trong không gian tên '{signature.NamespaceUri}'.{notesVi}";
        }
        throw new ProfileException(
            new SignatureVerdict(
                SignatureVerdictKind.Placeholder,
                $"A sample signature: '{Compact(placeholder)}' is no certificate.{notes}",
                $"Chữ ký mẫu: '{Compact(placeholder)}' không phải là chứng thư số.{notesVi}"
            )
        );
    }

    /// <summary>Axes of the field re-serialise packages, and Signature falls into the namespace around it.</summary>
    private static bool LostNamespace(SignatureNode signature) =>
        !string.Equals(signature.NamespaceUri, DsigUris.Namespace, StringComparison.Ordinal);

    private static (string Note, string NoteVi) BogusTransform(SignatureNode signature) =>
        signature
            .Descendants("Transform")
            .Any(t => t.Attributes.GetValueOrDefault("Algorithm") == DsigUris.BogusExclusive)
            ? (
                $" The transform '{DsigUris.BogusExclusive}' does not exist.",
                $" Phép biến đổi '{DsigUris.BogusExclusive}' không tồn tại."
            )
            : ("", "");

    /// <summary>What stands inside Signature is not signed, KeyInfo above all: nothing may hide there that a reader could take for content.</summary>
    private static void CheckElements(SignatureNode node)
    {
        if (node.ForeignAttribute is not null)
        {
            throw ProfileException.Malformed(
                $"{node.LocalName} has the unexpected attribute {node.ForeignAttribute}.",
                $"{node.LocalName} có thuộc tính {node.ForeignAttribute} không được phép."
            );
        }
        foreach (var child in node.Children)
        {
            var known =
                child.LocalName == "InclusiveNamespaces"
                    ? child.NamespaceUri == DsigUris.ExclusiveNamespace
                    : child.NamespaceUri is DsigUris.Namespace or DsigUris.Namespace11;
            if (!known)
                throw Unexpected(node, child);
            if (child.LocalName is "Object" or "Manifest")
            {
                throw ProfileException.Unsupported(
                    $"{child.LocalName} inside Signature is not accepted: content there is not covered by the signature.",
                    $"Không chấp nhận {child.LocalName} bên trong Signature: nội dung ở đó không được chữ ký bảo vệ."
                );
            }
            CheckElements(child);
        }
    }

    private static void ExpectChildren(SignatureNode node, string[] names, int required)
    {
        for (var i = 0; i < Math.Max(node.Children.Count, required); i++)
        {
            if (i >= node.Children.Count)
            {
                throw ProfileException.Malformed(
                    $"{node.LocalName} has no {names[i]}.",
                    $"{node.LocalName} thiếu {names[i]}."
                );
            }
            if (i < names.Length && node.Children[i].LocalName == names[i])
                continue;
            // The last one, the references, may stand several times.
            if (names[^1] == "Reference" && i > 2 && node.Children[i].LocalName == "Reference")
                continue;
            throw Unexpected(node, node.Children[i]);
        }
        foreach (var name in node.Attributes.Keys)
        {
            if (name is not "Id")
            {
                throw ProfileException.Malformed(
                    $"{node.LocalName} has the unexpected attribute {name}.",
                    $"{node.LocalName} có thuộc tính {name} không được phép."
                );
            }
        }
    }

    internal static ProfileException Unexpected(SignatureNode parent, SignatureNode child) =>
        ProfileException.Malformed(
            $"{parent.LocalName} holds an unexpected element {child.LocalName} ('{child.NamespaceUri}').",
            $"{parent.LocalName} chứa phần tử {child.LocalName} ('{child.NamespaceUri}') không được phép hoặc sai thứ tự."
        );

    private static SignatureAlgorithm ReadSignatureMethod(SignatureNode method)
    {
        var uri = Algorithm(method);
        if (method.Children.Count > 0)
            throw Unexpected(method, method.Children[0]);
        return SignatureAlgorithm.Find(uri)
            ?? throw NotListed("signature algorithm", "Thuật toán chữ ký", uri);
    }

    internal static bool IsCanonicalization(string uri) =>
        uri
            is DsigUris.Inclusive
                or DsigUris.InclusiveWithComments
                or DsigUris.Exclusive
                or DsigUris.ExclusiveWithComments;

    internal static CanonicalForm ReadForm(SignatureNode method)
    {
        var uri = Algorithm(method);
        if (!IsCanonicalization(uri))
            throw NotListed("canonicalisation", "Phép chuẩn hóa", uri);
        var exclusive = uri is DsigUris.Exclusive or DsigUris.ExclusiveWithComments;
        var comments = uri is DsigUris.InclusiveWithComments or DsigUris.ExclusiveWithComments;
        if (method.Children.Count == 0)
            return new CanonicalForm(exclusive, comments, []);
        if (
            !exclusive
            || method.Children.Count > 1
            || method.Children[0].LocalName != "InclusiveNamespaces"
        )
            throw Unexpected(method, method.Children[0]);
        var list = method.Children[0].Attributes.GetValueOrDefault("PrefixList") ?? "";
        var prefixes = list.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(prefix => prefix == "#default" ? "" : prefix)
            .ToList();
        return new CanonicalForm(exclusive, comments, prefixes);
    }

    private static List<byte[]> ReadCertificates(SignatureNode signature)
    {
        var certificates = new List<byte[]>();
        foreach (var data in signature.Child("KeyInfo")?.Children ?? [])
        {
            if (data.LocalName == "X509Data" && data.NamespaceUri == DsigUris.Namespace)
                certificates.AddRange(
                    data.Children.Where(child => child.LocalName == "X509Certificate")
                        .Select(ReadBase64)
                );
        }
        if (certificates.Count > 8)
        {
            throw ProfileException.Unsupported(
                "KeyInfo holds more than 8 certificates.",
                "KeyInfo chứa hơn 8 chứng thư số."
            );
        }
        return certificates;
    }

    internal static string Algorithm(SignatureNode node) =>
        node.Attributes.TryGetValue("Algorithm", out var uri)
            ? uri
            : throw ProfileException.Malformed(
                $"{node.LocalName} has no Algorithm.",
                $"{node.LocalName} thiếu thuộc tính Algorithm."
            );

    private static string Compact(SignatureNode node)
    {
        var text = node.Text.ToString();
        var compact = new char[text.Length];
        var length = 0;
        foreach (var letter in text)
        {
            if (!char.IsWhiteSpace(letter))
                compact[length++] = letter;
        }
        return length == text.Length ? text : new string(compact, 0, length);
    }

    internal static byte[] ReadBase64(SignatureNode node)
    {
        var text = Compact(node);
        var bytes = new byte[text.Length];
        var length = 0;
        var good =
            text.Length > 0
            && node.Children.Count == 0
            && Convert.TryFromBase64String(text, bytes, out length);
        var value = bytes[..length];
        // Unused bits in the last letter must be zero (RFC 4648 section 3.5): each value has one spelling.
        if (!good || !string.Equals(Convert.ToBase64String(value), text, StringComparison.Ordinal))
        {
            throw ProfileException.Malformed(
                $"{node.LocalName} is not base64.",
                $"{node.LocalName} không phải là base64."
            );
        }
        return value;
    }

    internal static ProfileException NotListed(string what, string whatVi, string uri) =>
        ProfileException.Unsupported(
            $"The {what} '{uri}' is not accepted.",
            $"{whatVi} '{uri}' không được chấp nhận."
        );
}
