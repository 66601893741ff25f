using System.Text;

namespace Axis.Signatures;

/// <summary>Writes the Signature element.</summary>
internal static class SignatureWriter
{
    /// <summary>One line without white space: nothing in it depends on how text is laid out.</summary>
    public static byte[] Write(
        CanonicalForm form,
        byte[] digest,
        byte[] signatureValue,
        byte[] certificate
    )
    {
        var canonicalization = form.Exclusive ? DsigUris.Exclusive : DsigUris.Inclusive;
        return Encoding.UTF8.GetBytes(
            $"""<Signature xmlns="{DsigUris.Namespace}"><SignedInfo><CanonicalizationMethod Algorithm="{canonicalization}"/><SignatureMethod Algorithm="{DsigUris.RsaSha256}"/><Reference URI=""><Transforms><Transform Algorithm="{DsigUris.EnvelopedSignature}"/><Transform Algorithm="{canonicalization}"/></Transforms><DigestMethod Algorithm="{DsigUris.Sha256}"/><DigestValue>{Convert.ToBase64String(digest)}</DigestValue></Reference></SignedInfo><SignatureValue>{Convert.ToBase64String(signatureValue)}</SignatureValue><KeyInfo><X509Data><X509Certificate>{Convert.ToBase64String(certificate)}</X509Certificate></X509Data></KeyInfo></Signature>"""
        );
    }
}
