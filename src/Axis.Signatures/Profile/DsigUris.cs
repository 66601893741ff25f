namespace Axis.Signatures;

/// <summary>Identifiers of XML Signature (W3C xmldsig-core1, RFC 9231).</summary>
internal static class DsigUris
{
    public const string Namespace = "http://www.w3.org/2000/09/xmldsig#";
    public const string Namespace11 = "http://www.w3.org/2009/xmldsig11#";
    public const string ExclusiveNamespace = "http://www.w3.org/2001/10/xml-exc-c14n#";
    public const string EnvelopedSignature =
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

    public const string Inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    public const string InclusiveWithComments = Inclusive + "#WithComments";
    public const string Exclusive = ExclusiveNamespace;
    public const string ExclusiveWithComments = ExclusiveNamespace + "WithComments";

    /// <summary>Written by field software for exclusive canonicalisation; registered nowhere, so nobody can know what was digested.</summary>
    public const string BogusExclusive = "http://www.w3.org/TR/xml-exc-c14n#";

    public const string RsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    public const string Sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
}
