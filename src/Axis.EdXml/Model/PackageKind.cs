namespace Axis.EdXml;

/// <summary>The two kinds of edXML packages.</summary>
public enum PackageKind
{
    Document,
    Status,
}

/// <summary>BussinessDocType: what a document package does to an earlier one.</summary>
public enum BusinessType
{
    New = 0,
    Recall = 1,
    Update = 2,
    Replace = 3,
}

/// <summary>The shapes of packages seen in the field; only <see cref="Standard"/> is understood by every receiver.</summary>
public enum EnvelopeForm
{
    Unknown,

    /// <summary>edXML root, envelope children with a prefix, attachments outside the envelope.</summary>
    Standard,

    /// <summary>As the standard one, but the envelope has no prefix; some receivers refuse it.</summary>
    Unprefixed,

    /// <summary>Công văn 2803: namespace of e-doc.vn inside a SOAP 1.1 envelope.</summary>
    Soap2803,

    /// <summary>Flat EdXMLEnvelope of go.vn/eDoc with the attachment inside the manifest.</summary>
    FlatGoVn,
}
