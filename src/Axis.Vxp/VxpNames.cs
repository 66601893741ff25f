namespace Axis.Vxp;

/// <summary>Header names and constants of the protocol, as they are on the wire.</summary>
public static class VxpNames
{
    /// <summary>Every parameter <c>name</c> travels as the header <c>XroadVnpt-name</c>.</summary>
    public const string Prefix = "XroadVnpt-";

    public const string SignHeaderKey = Prefix + "sign-header-key";
    public const string SignHeader = Prefix + "sign-header";
    public const string HashHeader = Prefix + "hash-header";
    public const string Version = Prefix + "version";

    /// <summary>The value of <see cref="Version"/> that all known clients send; it is not signed.</summary>
    public const string VersionValue = "3.0.201608";

    public const string UserAgentValue = "JAVASDKAgent/1.0.0 XRoad/VPCP";

    public const string Json = "application/json";

    /// <summary>What <c>sendEdoc</c> says of its body: the raw file, not multipart.</summary>
    public const string File = "application/octet-stream";

    /// <summary>The four headers with the prefix that no signature covers.</summary>
    public static bool IsUnsigned(string header) =>
        header.Equals(SignHeaderKey, StringComparison.OrdinalIgnoreCase)
        || header.Equals(SignHeader, StringComparison.OrdinalIgnoreCase)
        || header.Equals(HashHeader, StringComparison.OrdinalIgnoreCase)
        || header.Equals(Version, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Names of parameters, without the prefix.</summary>
public static class VxpParameter
{
    public const string SystemId = "systemid";
    public const string Timestamp = "timestamp";
    public const string ContentType = "Content-Type";
    public const string ServiceType = "servicetype";
    public const string MessageType = "messagetype";
    public const string From = "from";
    public const string To = "to";
    public const string HashFile = "hash-file";

    /// <summary>The spelling of <c>getEdoc</c>, and of most programs.</summary>
    public const string DocId = "docId";

    /// <summary>The other spelling, which some programs use for <c>updateStatus</c>.</summary>
    public const string DocIdLower = "docid";

    public const string FilePath = "filePath";
    public const string Status = "status";
    public const string Description = "description";
    public const string AgencyCode = "AgencyCode";
    public const string Level = "level";
}

/// <summary>Values that parameters take by convention.</summary>
public static class VxpValue
{
    public const string EDoc = "eDoc";
    public const string MessageEdoc = "edoc";
    public const string MessageStatus = "status";

    /// <summary>Transport acknowledgements of <c>updateStatus</c>; not the status codes 01 to 16.</summary>
    public const string Done = "done";
    public const string Fail = "fail";
    public const string Processing = "processing";

    /// <summary>What lists say of a document that nobody has touched.</summary>
    public const string Initial = "initial";
}
