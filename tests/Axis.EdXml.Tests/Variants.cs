namespace Axis.EdXml.Tests;

/// <summary>The fixture document in the shapes that producers of the field give it.</summary>
internal static class Variants
{
    private const string Ns = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

    private static string Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal);
        var to = text.IndexOf(end, from, StringComparison.Ordinal) + end.Length;
        return text[from..to];
    }

    private static string MessageHeader =>
        Between(Fixture.Document, "<edXML:MessageHeader>", "</edXML:MessageHeader>");

    private static string Encoded =>
        Between(Fixture.Document, "<AttachmentEncoded>", "</AttachmentEncoded>");

    private static string Manifest =>
        Between(Fixture.Document, "<edXML:edXMLManifest", "</edXML:edXMLManifest>");

    /// <summary>Công văn 2803: SOAP 1.1, attachments travel outside the XML.</summary>
    internal static string Soap =>
        $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:edXML="http://www.e-doc.vn/Schema/">
              <SOAP-ENV:Header>{MessageHeader}</SOAP-ENV:Header>
              <SOAP-ENV:Body><edXML:Manifest><edXML:Reference><edXML:ContentId>cid:1</edXML:ContentId></edXML:Reference></edXML:Manifest></SOAP-ENV:Body>
            </SOAP-ENV:Envelope>
            """;

    internal static string Flat =>
        $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <EdXmlEnvelope xmlns="http://www.go.vn/eDoc">
              {MessageHeader.Replace("edXML:", "", StringComparison.Ordinal)}
              <Manifest><Attachment><FileName>a.pdf</FileName><FileType>pdf</FileType><Content>{Fixture.Base64(
                Fixture.Pdf
            )}</Content></Attachment></Manifest>
            </EdXmlEnvelope>
            """;

    internal static string WrongAttachments =>
        Fixture
            .Document.With(Encoded, "")
            .With(Manifest, "<edXML:Content>xem tệp</edXML:Content>")
            .With(
                "</edXML:edXMLEnvelope>",
                $"<edXML:edXMLAttachments><edXML:Attachment><edXML:AttachmentName>a.pdf</edXML:AttachmentName><edXML:AttachmentData>{Fixture.Base64(Fixture.Pdf)}</edXML:AttachmentData></edXML:Attachment></edXML:edXMLAttachments></edXML:edXMLEnvelope>"
            );

    internal static string AttachmentsInside =>
        Fixture
            .Document.With(Encoded, "")
            .With("</edXML:edXMLEnvelope>", Encoded + "</edXML:edXMLEnvelope>");

    internal static string NoManifest => Fixture.Document.With(Manifest, "");

    internal static string Data(string base64) =>
        Fixture.Document.With(Fixture.Base64(Fixture.Pdf), base64);

    internal static string TwoAttachments(string secondId) =>
        Fixture.Document.With(
            "</AttachmentEncoded>",
            $"<Attachment><ContentId>{secondId}</ContentId><edXML:ContentTransferEncoded xmlns:edXML=\"{Ns}\">eA==</edXML:ContentTransferEncoded></Attachment></AttachmentEncoded>"
        );

    internal static string Update(string receiverType) =>
        Fixture
            .Document.With("<edXML:BussinessDocType>0<", "<edXML:BussinessDocType>2<")
            .With(
                "<edXML:StaffInfo>",
                $"""
                <edXML:BussinessDocumentInfo><edXML:DocumentInfo>1</edXML:DocumentInfo><edXML:DocumentReceiver>1</edXML:DocumentReceiver>
                <edXML:ReceiverList><edXML:Receiver><edXML:OrganId>H99.07</edXML:OrganId><edXML:ReceiverType>{receiverType}</edXML:ReceiverType></edXML:Receiver>
                <edXML:Receiver><edXML:OrganId>H99.02</edXML:OrganId><edXML:ReceiverType>0</edXML:ReceiverType></edXML:Receiver></edXML:ReceiverList></edXML:BussinessDocumentInfo>
                <edXML:StaffInfo>
                """
            );

    internal static string Replace(string replaced) =>
        Fixture
            .Document.With("<edXML:BussinessDocType>0<", "<edXML:BussinessDocType>3<")
            .With(
                "<edXML:StaffInfo>",
                $"<edXML:ReplacementInfoList><edXML:ReplacementInfo><edXML:DocumentId>{replaced}</edXML:DocumentId><edXML:OrganIdList><edXML:OrganId>H99.02</edXML:OrganId></edXML:OrganIdList></edXML:ReplacementInfo></edXML:ReplacementInfoList><edXML:StaffInfo>"
            );
}
