using System.Text;

namespace Axis.EdXml.Tests;

/// <summary>Synthetic packages with the traits of real ones. Tests change them by replacing text.</summary>
internal static class Fixture
{
    internal static readonly DateOnly Today = new(2026, 6, 15);

    internal const string Pdf = "%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n";

    internal static string Base64(string text) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    internal static string Document { get; } =
        $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">
              <edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">
                <edXML:edXMLHeader>
                  <edXML:MessageHeader>
                    <edXML:From>
                      <edXML:OrganId>H99.01</edXML:OrganId>
                      <edXML:OrganizationInCharge>UBND tỉnh Mẫu</edXML:OrganizationInCharge>
                      <edXML:OrganName>Sở Thử nghiệm</edXML:OrganName>
                      <edXML:OrganAdd>Số 1 đường Mẫu</edXML:OrganAdd>
                      <edXML:Email>thu@mau.vn</edXML:Email>
                      <edXML:Telephone>0123 456789</edXML:Telephone>
                      <edXML:Fax>0123 456780</edXML:Fax>
                      <edXML:Website>mau.vn</edXML:Website>
                    </edXML:From>
                    <edXML:To>
                      <edXML:OrganId>H99.02</edXML:OrganId>
                      <edXML:OrganName>Sở Nhận</edXML:OrganName>
                    </edXML:To>
                    <edXML:To>
                      <edXML:OrganId>000.00.03.H99</edXML:OrganId>
                      <edXML:OrganName>Sở Cũ</edXML:OrganName>
                    </edXML:To>
                    <edXML:DocumentId>H99.01,2026/03/02,15/STN-VP</edXML:DocumentId>
                    <edXML:Code>
                      <edXML:CodeNumber>15</edXML:CodeNumber>
                      <edXML:CodeNotation>STN-VP</edXML:CodeNotation>
                    </edXML:Code>
                    <edXML:PromulgationInfo>
                      <edXML:Place>Mẫu</edXML:Place>
                      <edXML:PromulgationDate>2026/03/02</edXML:PromulgationDate>
                    </edXML:PromulgationInfo>
                    <edXML:DocumentType>
                      <edXML:Type>2</edXML:Type>
                      <edXML:TypeDetail>18</edXML:TypeDetail>
                      <edXML:TypeName>Công văn</edXML:TypeName>
                    </edXML:DocumentType>
                    <edXML:Subject>Về việc thử nghiệm &amp; kiểm tra</edXML:Subject>
                    <edXML:Content>Nội dung</edXML:Content>
                    <edXML:SignerInfo>
                      <edXML:Competence>KT. GIÁM ĐỐC</edXML:Competence>
                      <edXML:Position>Phó Giám đốc</edXML:Position>
                      <edXML:FullName>Nguyễn Văn Mẫu</edXML:FullName>
                    </edXML:SignerInfo>
                    <edXML:DueDate>2026/03/20</edXML:DueDate>
                    <edXML:ToPlaces>
                      <edXML:Place>Như trên</edXML:Place>
                      <edXML:Place>Lưu VT</edXML:Place>
                    </edXML:ToPlaces>
                    <edXML:OtherInfo>
                      <edXML:Priority>1</edXML:Priority>
                      <edXML:SphereOfPromulgation>Nội bộ</edXML:SphereOfPromulgation>
                      <edXML:TyperNotation>VT</edXML:TyperNotation>
                      <edXML:PromulgationAmount>2</edXML:PromulgationAmount>
                      <edXML:PageAmount>3</edXML:PageAmount>
                      <edXML:Direction>false</edXML:Direction>
                      <edXML:Appendixes>
                        <edXML:Appendix>Phụ lục I</edXML:Appendix>
                      </edXML:Appendixes>
                    </edXML:OtherInfo>
                    <edXML:ResponseFor>
                      <edXML:OrganId>H99.02</edXML:OrganId>
                      <edXML:Code>7/SN-VP</edXML:Code>
                      <edXML:PromulgationDate>2026/02/01</edXML:PromulgationDate>
                      <edXML:DocumentId>H99.02,2026/02/01,7/SN-VP</edXML:DocumentId>
                    </edXML:ResponseFor>
                    <edXML:SteeringType>0</edXML:SteeringType>
                    <edXML:ResponseForTask>
                      <edXML:TaskCode>NV-1</edXML:TaskCode>
                    </edXML:ResponseForTask>
                  </edXML:MessageHeader>
                  <edXML:TraceHeaderList>
                    <edXML:TraceHeader>
                      <edXML:OrganId>H99.01</edXML:OrganId>
                      <edXML:Timestamp>2026/03/02 08:15:30</edXML:Timestamp>
                    </edXML:TraceHeader>
                    <edXML:Bussiness>
                      <edXML:BussinessDocType>0</edXML:BussinessDocType>
                      <edXML:BussinessDocReason>Văn bản mới</edXML:BussinessDocReason>
                      <edXML:Paper>0</edXML:Paper>
                      <edXML:StaffInfo>
                        <edXML:Department>Văn thư</edXML:Department>
                        <edXML:Staff>Trần Thị Thử</edXML:Staff>
                        <edXML:Mobile>0900000000</edXML:Mobile>
                        <edXML:Email>vt@mau.vn</edXML:Email>
                      </edXML:StaffInfo>
                    </edXML:Bussiness>
                  </edXML:TraceHeaderList>
                </edXML:edXMLHeader>
                <edXML:edXMLBody>
                  <edXML:edXMLManifest version="1.0">
                    <edXML:Reference>
                      <edXML:ContentId>cid:tep-1</edXML:ContentId>
                      <edXML:ContentType>application/pdf</edXML:ContentType>
                      <edXML:Description>Công văn</edXML:Description>
                      <edXML:AttachmentName>công văn.pdf</edXML:AttachmentName>
                    </edXML:Reference>
                  </edXML:edXMLManifest>
                </edXML:edXMLBody>
              </edXML:edXMLEnvelope>
              <AttachmentEncoded>
                <Attachment>
                  <ContentId>cid:tep-1</ContentId>
                  <AttachmentName>công văn.pdf</AttachmentName>
                  <Description>Công văn</Description>
                  <ContentType>application/pdf</ContentType>
                  <edXML:ContentTransferEncoded xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">{Base64(
                Pdf
            )}</edXML:ContentTransferEncoded>
                </Attachment>
              </AttachmentEncoded>
            </edXML>
            """;

    internal const string Status = """
        <?xml version="1.0" encoding="UTF-8"?>
        <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">
          <edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">
            <edXML:edXMLHeader>
              <edXML:MessageHeader>
                <edXML:From>
                  <edXML:OrganId>H99.02</edXML:OrganId>
                  <edXML:OrganizationInCharge>UBND tỉnh Mẫu</edXML:OrganizationInCharge>
                  <edXML:OrganName>Sở Nhận</edXML:OrganName>
                  <edXML:OrganAdd>Số 2 đường Mẫu, phường Thử, thành phố Mẫu</edXML:OrganAdd>
                  <edXML:Email>nhan@mau.vn</edXML:Email>
                  <edXML:Telephone>0123 456781</edXML:Telephone>
                  <edXML:Fax>0123 456782</edXML:Fax>
                  <edXML:Website>nhan.mau.vn</edXML:Website>
                </edXML:From>
                <edXML:ResponseFor>
                  <edXML:OrganId>H99.01</edXML:OrganId>
                  <edXML:Code>15/STN-VP</edXML:Code>
                  <edXML:PromulgationDate>2026/03/02</edXML:PromulgationDate>
                  <edXML:DocumentId>H99.01,2026/03/02,15/STN-VP</edXML:DocumentId>
                </edXML:ResponseFor>
                <edXML:StaffInfo>
                  <edXML:Department>Văn thư</edXML:Department>
                  <edXML:Staff>Lê Văn Nhận</edXML:Staff>
                  <edXML:Mobile>0911111111</edXML:Mobile>
                  <edXML:Email>vt@nhan.mau.vn</edXML:Email>
                </edXML:StaffInfo>
                <edXML:StatusCode>01</edXML:StatusCode>
                <edXML:Description>Văn thư: Đã đến, phần mềm đã nhận</edXML:Description>
                <edXML:Timestamp>2026/03/02 09:00:00</edXML:Timestamp>
              </edXML:MessageHeader>
            </edXML:edXMLHeader>
          </edXML:edXMLEnvelope>
        </edXML>
        """;

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    internal static PackageReading Read(string text, ReadLimits? limits = null) =>
        PackageReader.Read(Bytes(text), limits ?? ReadLimits.Default);

    internal static IReadOnlyList<Finding> Check(
        string text,
        RuleProfile profile = RuleProfile.Axis
    ) => PackageRules.Check(Read(text), profile, Today);

    /// <summary>Replaces text that must be there, so that a test cannot silently test nothing.</summary>
    internal static string With(this string text, string old, string replacement)
    {
        Assert.That(text, Does.Contain(old));
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }
}
