namespace Axis.EdXml;

/// <summary>Namespaces found in a package.</summary>
[Flags]
internal enum NamespaceVariants
{
    Empty = 0,
    Standard = 1,

    /// <summary>QCVN_102:2016 with a colon instead of the underscore.</summary>
    Colon = 2,
    EDoc = 4,
    GoVn = 8,
    Soap = 16,
    None = 32,
    Foreign = 64,
}

/// <summary>The namespaces an edXML element may stand in.</summary>
internal static class KnownNamespaces
{
    internal const string Standard = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

    internal static NamespaceVariants Identify(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("http://www.mic.gov.vn/TBT/QCVN_102_2016"u8))
            return NamespaceVariants.Standard;
        if (name.IsEmpty)
            return NamespaceVariants.None;
        if (name.SequenceEqual("http://www.mic.gov.vn/TBT/QCVN_102:2016"u8))
            return NamespaceVariants.Colon;
        if (name.SequenceEqual("http://www.e-doc.vn/Schema/"u8))
            return NamespaceVariants.EDoc;
        if (name.SequenceEqual("http://www.go.vn/eDoc"u8))
            return NamespaceVariants.GoVn;
        return name.SequenceEqual("http://schemas.xmlsoap.org/soap/envelope/"u8)
            ? NamespaceVariants.Soap
            : NamespaceVariants.Foreign;
    }
}
