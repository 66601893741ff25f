using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Axis.Signatures;

namespace Axis.TestKit;

/// <summary>A letter as a test describes it, written out by hand so that broken ones can be written too.</summary>
public sealed record Letter(string From, params string[] To)
{
    private static int s_number;

    public int Number { get; init; } = Interlocked.Increment(ref s_number);
    public string Notation { get; init; } = "UBND-VP";
    public string? DocumentIdOverride { get; init; }
    public string Subject { get; init; } = "V/v kết nối, liên thông phần mềm quản lý văn bản";
    public int Business { get; init; }
    public int Priority { get; init; }
    public int AttachmentBytes { get; init; } = 600;
    public string IssuedOn { get; init; } = "2026/11/20";

    /// <summary>DueDate, as written; null for none.</summary>
    public string? DueOn { get; init; }

    /// <summary>Bussiness/DocumentId: the letter that a recall or an update is about.</summary>
    public string? Target { get; init; }

    /// <summary>Recipients that an update adds (true) or removes.</summary>
    public IReadOnlyList<(string Code, bool Added)> Receivers { get; init; } = [];

    /// <summary>The letters that a replacement replaces, and for whom; nobody named: for all.</summary>
    public IReadOnlyList<(string DocumentId, string[] For)> Replaces { get; init; } = [];

    /// <summary>The attachment itself; null for some bytes that begin like a PDF.</summary>
    public byte[]? Content { get; init; }

    public string DocumentId =>
        DocumentIdOverride
        ?? string.Create(CultureInfo.InvariantCulture, $"{From},{IssuedOn},{Number}/{Notation}");

    public byte[] Unsigned() => Encoding.UTF8.GetBytes(Text());

    public byte[] SignedBy(X509Certificate2 certificate)
    {
        using var output = new MemoryStream();
        EnvelopeSigner.Sign(new MemoryStream(Unsigned()), certificate, output);
        return output.ToArray();
    }

    private string BusinessTarget() =>
        Target is null ? "" : $"<edXML:DocumentId>{Target}</edXML:DocumentId>";

    private string BusinessLists()
    {
        var receivers = string.Concat(
            Receivers.Select(one =>
                $"<edXML:Receiver><edXML:OrganId>{one.Code}</edXML:OrganId>"
                + $"<edXML:ReceiverType>{(one.Added ? 1 : 0)}</edXML:ReceiverType></edXML:Receiver>"
            )
        );
        var replaced = string.Concat(
            Replaces.Select(one =>
                $"<edXML:ReplacementInfo><edXML:DocumentId>{one.DocumentId}</edXML:DocumentId><edXML:OrganIdList>"
                + string.Concat(one.For.Select(code => $"<edXML:OrganId>{code}</edXML:OrganId>"))
                + "</edXML:OrganIdList></edXML:ReplacementInfo>"
            )
        );
        return (
                receivers.Length == 0
                    ? ""
                    : "<edXML:BussinessDocumentInfo><edXML:DocumentInfo>0</edXML:DocumentInfo>"
                        + "<edXML:DocumentReceiver>1</edXML:DocumentReceiver>"
                        + $"<edXML:ReceiverList>{receivers}</edXML:ReceiverList></edXML:BussinessDocumentInfo>"
            )
            + (
                replaced.Length == 0
                    ? ""
                    : $"<edXML:ReplacementInfoList>{replaced}</edXML:ReplacementInfoList>"
            );
    }

    private string Text()
    {
        const string Namespace = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
        var content = Content ?? new byte[AttachmentBytes];
        if (Content is null)
        {
            new Random(Number).NextBytes(content);
            "%PDF-1.4\n"u8.CopyTo(content);
        }
        var to = string.Concat(
            To.Select(code =>
                $"""

                            <edXML:To>
                              <edXML:OrganId>{code}</edXML:OrganId>
                              <edXML:OrganName>Cơ quan {code}</edXML:OrganName>
                            </edXML:To>
                    """
            )
        );
        return $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <edXML xmlns="{Namespace}">
              <edXML:edXMLEnvelope xmlns:edXML="{Namespace}">
                <edXML:edXMLHeader>
                  <edXML:MessageHeader>
                    <edXML:From>
                      <edXML:OrganId>{From}</edXML:OrganId>
                      <edXML:OrganName>Cơ quan {From}</edXML:OrganName>
                    </edXML:From>{to}
                    <edXML:DocumentId>{DocumentId}</edXML:DocumentId>
                    <edXML:Code>
                      <edXML:CodeNumber>{Number}</edXML:CodeNumber>
                      <edXML:CodeNotation>{Notation}</edXML:CodeNotation>
                    </edXML:Code>
                    <edXML:PromulgationInfo>
                      <edXML:Place>Hà Nội</edXML:Place>
                      <edXML:PromulgationDate>{IssuedOn}</edXML:PromulgationDate>
                    </edXML:PromulgationInfo>
                    <edXML:DocumentType>
                      <edXML:Type>2</edXML:Type>
                      <edXML:TypeDetail>18</edXML:TypeDetail>
                      <edXML:TypeName>Công văn</edXML:TypeName>
                    </edXML:DocumentType>
                    <edXML:Subject>{Subject}</edXML:Subject>
                    <edXML:SignerInfo>
                      <edXML:FullName>Nguyễn Văn A</edXML:FullName>
                    </edXML:SignerInfo>{(
                DueOn is null ? "" : $"<edXML:DueDate>{DueOn}</edXML:DueDate>"
            )}
                    <edXML:OtherInfo>
                      <edXML:Priority>{Priority}</edXML:Priority>
                    </edXML:OtherInfo>
                  </edXML:MessageHeader>
                  <edXML:TraceHeaderList>
                    <edXML:TraceHeader>
                      <edXML:OrganId>{From}</edXML:OrganId>
                      <edXML:Timestamp>2026/11/20 08:00:00</edXML:Timestamp>
                    </edXML:TraceHeader>
                    <edXML:Bussiness>{BusinessTarget()}
                      <edXML:BussinessDocType>{Business}</edXML:BussinessDocType>
                      <edXML:BussinessDocReason>Văn bản điện tử</edXML:BussinessDocReason>
                      <edXML:Paper>0</edXML:Paper>{BusinessLists()}
                    </edXML:Bussiness>
                  </edXML:TraceHeaderList>
                </edXML:edXMLHeader>
                <edXML:edXMLBody>
                  <edXML:edXMLManifest version="1.0">
                    <edXML:Reference>
                      <edXML:ContentId>cid:1</edXML:ContentId>
                      <edXML:ContentType>application/pdf</edXML:ContentType>
                      <edXML:AttachmentName>cong-van.pdf</edXML:AttachmentName>
                    </edXML:Reference>
                  </edXML:edXMLManifest>
                </edXML:edXMLBody>
              </edXML:edXMLEnvelope>
              <AttachmentEncoded>
                <Attachment>
                  <ContentId>cid:1</ContentId>
                  <AttachmentName>cong-van.pdf</AttachmentName>
                  <ContentType>application/pdf</ContentType>
                  <edXML:ContentTransferEncoded xmlns:edXML="{Namespace}">{Convert.ToBase64String(
                content
            )}</edXML:ContentTransferEncoded>
                </Attachment>
              </AttachmentEncoded>
            </edXML>
            """;
    }
}

/// <summary>A status report as a test describes it.</summary>
public sealed record Report(string From, string Code, string ResponseOrgan, string? DocumentId)
{
    public string? ResponseCode { get; init; }
    public string ResponseDate { get; init; } = "2026/11/20";
    public string Description { get; init; } = "Văn thư: đã xử lý";

    /// <summary>Its own time; null: it tells none.</summary>
    public string? Timestamp { get; init; } = "2026/11/20 09:00:00";

    public byte[] Bytes()
    {
        const string Namespace = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
        var time = Timestamp is null ? "" : $"<edXML:Timestamp>{Timestamp}</edXML:Timestamp>";
        var documentId = DocumentId is null
            ? ""
            : $"<edXML:DocumentId>{DocumentId}</edXML:DocumentId>";
        var code = ResponseCode is null ? "" : $"<edXML:Code>{ResponseCode}</edXML:Code>";
        return Encoding.UTF8.GetBytes(
            $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <edXML xmlns="{Namespace}">
              <edXML:edXMLEnvelope xmlns:edXML="{Namespace}">
                <edXML:edXMLHeader>
                  <edXML:MessageHeader>
                    <edXML:From>
                      <edXML:OrganId>{From}</edXML:OrganId>
                      <edXML:OrganName>Cơ quan {From}</edXML:OrganName>
                    </edXML:From>
                    <edXML:ResponseFor>
                      <edXML:OrganId>{ResponseOrgan}</edXML:OrganId>
                      {code}
                      <edXML:PromulgationDate>{ResponseDate}</edXML:PromulgationDate>
                      {documentId}
                    </edXML:ResponseFor>
                    <edXML:StaffInfo>
                      <edXML:Department>Văn thư</edXML:Department>
                      <edXML:Staff>Trần Thị B</edXML:Staff>
                    </edXML:StaffInfo>
                    <edXML:StatusCode>{Code}</edXML:StatusCode>
                    <edXML:Description>{Description}</edXML:Description>
                    {time}
                  </edXML:MessageHeader>
                </edXML:edXMLHeader>
              </edXML:edXMLEnvelope>
            </edXML>
            """
        );
    }
}
