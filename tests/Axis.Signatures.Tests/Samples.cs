namespace Axis.Signatures.Tests;

/// <summary>Real packages beside the repository, and a synthetic one that is always there.</summary>
internal static class Samples
{
    public static string? Folder { get; } = Find();

    public static IEnumerable<string> Documents =>
        Folder is null
            ? ["(absent)"]
            : Directory
                .GetFiles(Path.Combine(Folder, "documents"), "*.edxml")
                .Concat(Directory.GetFiles(Path.Combine(Folder, "statuses"), "*.edxml"))
                .Select(path => Path.GetRelativePath(Folder, path))
                .Order(StringComparer.Ordinal);

    public static byte[] Read(string name)
    {
        if (Folder is null)
            Assert.Ignore("The folder ../shared/samples with real packages is absent here.");
        return File.ReadAllBytes(Path.Combine(Folder!, name));
    }

    /// <summary>A small package with what makes canonicalisation hard: comments, CDATA, references, CR LF, Vietnamese, empty elements, attributes out of order.</summary>
    public static byte[] Synthetic { get; } =
        System.Text.Encoding.UTF8.GetBytes(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- before -->
            <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">
              <edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016" xmlns:unused="urn:unused">
                <edXML:edXMLHeader>
                  <edXML:MessageHeader>
                    <edXML:From><edXML:OrganId>H01.01</edXML:OrganId><edXML:OrganName>Sở Nội vụ &amp; Đối ngoại</edXML:OrganName></edXML:From>
                    <edXML:To><edXML:OrganId>H01.02</edXML:OrganId></edXML:To>
                    <edXML:DocumentId>H01.01,2026/01/02,15/SNV</edXML:DocumentId>
                    <edXML:Subject z="1" a='&#x9;"2&quot;'>V/v họp<![CDATA[ <giao> & ban ]]><!-- inside --> quý I&#13;</edXML:Subject>
                    <edXML:Empty/>
                  </edXML:MessageHeader>
                </edXML:edXMLHeader>
                <edXML:edXMLBody><edXML:edXMLManifest version="1.0"/></edXML:edXMLBody>
              </edXML:edXMLEnvelope>
              <AttachmentEncoded><Attachment><ContentId>cid:1</ContentId><edXML:ContentTransferEncoded xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">UEsDBBQACAgIAEuSPE0AAAAA
            AAAAAAAAAAAqAAAAMzJkYTI4OTAtMWE1NS00Y2NkLTlhYzktY2QwZDk4NTU5ZTY3</edXML:ContentTransferEncoded></Attachment></AttachmentEncoded>
            </edXML>
            <?after it?>
            """.Replace("\r\n", "\n", StringComparison.Ordinal)
        );

    private static string? Find()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Axis.sln")))
                continue;
            var samples = Path.GetFullPath(
                Path.Combine(folder.FullName, "..", "shared", "samples")
            );
            return Directory.Exists(samples) ? samples : null;
        }
        return null;
    }
}
