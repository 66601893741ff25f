namespace Axis.EdXml.Tests;

/// <summary>For every rule a package that breaks it.</summary>
internal static class RuleCases
{
    private const string P = "edXML:";

    internal static IEnumerable<(Rule Rule, byte[] Package, ReadLimits Limits)> All() =>
        [
            .. Syntax(),
            .. Limits(),
            .. Structure(),
            .. Values(),
            .. Attachments(),
            .. Business(),
            .. Statuses(),
        ];

    private static (Rule, byte[], ReadLimits) Case(
        Rule rule,
        string text,
        ReadLimits? limits = null
    ) => (rule, Fixture.Bytes(text), limits ?? ReadLimits.Default);

    private static string D(string old, string replacement) =>
        Fixture.Document.With(old, replacement);

    private static string S(string old, string replacement) =>
        Fixture.Status.With(old, replacement);

    private static string Leaf(string name, string value) => $"<{P}{name}>{value}</{P}{name}>";

    private static (Rule, byte[], ReadLimits)[] Syntax() =>
        [
            Case(Rules.NotWellFormed, D("<edXML:From>", "<edXML:From x>")),
            Case(
                Rules.UnboundPrefix,
                D("<edXML:Reference>", "<edXML:Reference xlink:href=\"cid:1\">")
            ),
            Case(Rules.MismatchedEndTag, D("</edXML:From>", "</edXML:Form>")),
            Case(Rules.TextOutsideRoot, "1212" + Fixture.Document),
            Case(Rules.UnsupportedEncoding, D("encoding=\"UTF-8\"", "encoding=\"windows-1258\"")),
            (Rules.InvalidUtf8, Damage(0xC3), ReadLimits.Default),
            (Rules.IllegalCharacter, Damage(0x01), ReadLimits.Default),
            Case(
                Rules.DtdRefused,
                D("?>\n<edXML ", "?>\n<!DOCTYPE edXML [<!ENTITY a \"b\">]>\n<edXML ")
            ),
            Case(Rules.UndefinedEntity, D("&amp;", "&nbsp;")),
            Case(
                Rules.DuplicateAttribute,
                D("version=\"1.0\">", "version=\"1.0\" version=\"1.0\">")
            ),
            Case(Rules.UnexpectedEnd, Fixture.Document[..600]),
            Case(Rules.EmptyPackage, ""),
            Case(Rules.MisplacedDeclaration, "\n" + Fixture.Document),
        ];

    private static byte[] Damage(byte with)
    {
        var bytes = Fixture.Bytes(Fixture.Document);
        bytes[bytes.AsSpan().IndexOf("STN-VP"u8)] = with;
        return bytes;
    }

    private static (Rule, byte[], ReadLimits)[] Limits()
    {
        var limits = ReadLimits.Default;
        return
        [
            Case(Rules.PackageTooLarge, Fixture.Document, limits with { MaxBytes = 1_000 }),
            Case(Rules.TooDeep, Fixture.Document, limits with { MaxDepth = 5 }),
            Case(Rules.TagTooLong, Fixture.Document, limits with { MaxTagBytes = 40 }),
            Case(
                Rules.TooManyAttributes,
                D("<edXML:From>", "<edXML:From a='1' b='2' c='3'>"),
                limits with
                {
                    MaxAttributes = 2,
                }
            ),
            Case(
                Rules.TooManyNamespaces,
                D("<edXML:From>", Declarations(64)),
                limits with
                {
                    MaxAttributes = 100,
                }
            ),
            Case(Rules.HeaderTooLarge, Fixture.Document, limits with { MaxHeaderBytes = 2_000 }),
            Case(Rules.TooManyElements, Fixture.Document, limits with { MaxHeaderElements = 20 }),
            Case(Rules.TooManyRecipients, Fixture.Document, limits with { MaxRecipients = 1 }),
            Case(Rules.TooManyAttachments, Fixture.Document, limits with { MaxAttachments = 0 }),
            Case(Rules.ValueTooLong, Fixture.Document, limits with { MaxValueBytes = 20 }),
        ];
    }

    private static string Declarations(int count) =>
        $"<edXML:From {string.Join(' ', Enumerable.Range(0, count).Select(i => $"xmlns:n{i}='u{i}'"))}>";

    private static (Rule, byte[], ReadLimits)[] Structure() =>
        [
            Case(Rules.UnrecognisedRoot, "<invoice/>"),
            Case(Rules.NamespaceVariant, Fixture.Document.With("QCVN_102_2016", "QCVN_102:2016")),
            Case(
                Rules.UnprefixedEnvelope,
                Fixture
                    .Document.With("<edXML:", "<")
                    .With("</edXML:", "</")
                    .With("xmlns:edXML=", "xmlns=")
            ),
            Case(Rules.NonStandardForm, Variants.Soap),
            Case(Rules.MissingMessageHeader, D("MessageHeader", "Header")),
            Case(
                Rules.UnknownElement,
                D("<edXML:DueDate>", "<edXML:Security>mật</edXML:Security><edXML:DueDate>")
            ),
            Case(Rules.StrayText, D("<edXML:SignerInfo>", "<edXML:SignerInfo>x")),
            Case(
                Rules.RepeatedElement,
                D("<edXML:Subject>", "<edXML:Subject>b</edXML:Subject><edXML:Subject>")
            ),
            Case(Rules.MisspeltElement, D("edXML:DueDate>", "edXML:dueDate>")),
        ];

    private static (Rule, byte[], ReadLimits)[] Values() =>
        [
            Case(Rules.MissingElement, D(Leaf("CodeNumber", "15"), "")),
            Case(Rules.MissingByStandard, D(Leaf("FullName", "Nguyễn Văn Mẫu"), "")),
            Case(Rules.LongerThanStandard, D(">STN-VP<", $">{new string('A', 31)}<")),
            Case(Rules.NotANumber, D(Leaf("PageAmount", "3"), Leaf("PageAmount", "ba"))),
            Case(Rules.PriorityOutOfRange, D(Leaf("Priority", "1"), Leaf("Priority", "7"))),
            Case(
                Rules.CodeNumberWithLetters,
                D(Leaf("CodeNumber", "15"), Leaf("CodeNumber", "15a"))
            ),
            Case(Rules.UnknownDocumentType, D(Leaf("Type", "2"), Leaf("Type", "71"))),
            Case(Rules.NotAFlag, D(Leaf("Paper", "0"), Leaf("Paper", "2"))),
            Case(Rules.LiteralNull, D(Leaf("OrganName", "Sở Nhận"), Leaf("OrganName", "null"))),
            Case(Rules.EmptyValue, D(Leaf("PageAmount", "3"), Leaf("PageAmount", ""))),
            Case(
                Rules.EmptyResponseFor,
                D(
                    "<edXML:ResponseFor>",
                    "<edXML:ResponseFor></edXML:ResponseFor><edXML:ResponseFor>"
                )
            ),
            Case(
                Rules.MalformedIdentifier,
                D(Leaf("OrganId", "000.00.03.H99"), Leaf("OrganId", "000-00-03"))
            ),
            Case(
                Rules.MalformedSideIdentifier,
                D(
                    "<edXML:Timestamp>2026/03/02 08",
                    "<edXML:OrganId>a b</edXML:OrganId><edXML:Timestamp>2026/03/02 08"
                )
            ),
            Case(Rules.IrregularIdentifier, D("000.00.03.H99", "28.22.H17")),
            Case(Rules.NodeAsRecipient, D("000.00.03.H99", "00.53.W00")),
            Case(Rules.RepeatedRecipient, D("000.00.03.H99", "H99.02")),
            Case(
                Rules.InsertedOldCode,
                D(Leaf("OrganName", "Sở Cũ"), Leaf("OrganizationInCharge", "TLTVBQG_CDMDD_QD20"))
            ),
            Case(
                Rules.UnreadableDate,
                D(Leaf("DueDate", "2026/03/20"), Leaf("DueDate", "2026/02/30"))
            ),
            Case(Rules.DateForm, D(Leaf("DueDate", "2026/03/20"), Leaf("DueDate", "20/03/2026"))),
            Case(
                Rules.DateInFuture,
                D(Leaf("PromulgationDate", "2026/03/02"), Leaf("PromulgationDate", "2026/06/16"))
            ),
            Case(
                Rules.DueBeforeIssue,
                D(Leaf("DueDate", "2026/03/20"), Leaf("DueDate", "2026/03/01"))
            ),
            Case(Rules.ImpossibleDateInDocumentId, D("H99.01,2026/03/02,", "H99.01,2014/02/30,")),
        ];

    private static (Rule, byte[], ReadLimits)[] Attachments() =>
        [
            Case(Rules.WrongAttachmentsElement, Variants.WrongAttachments),
            Case(
                Rules.ReferenceWithoutAttachment,
                D("</AttachmentName>", "</AttachmentName><!-- -->")
                    .With("<ContentId>cid:tep-1", "<ContentId>cid:tep-2")
            ),
            Case(
                Rules.AttachmentWithoutReference,
                D("<edXML:ContentId>cid:tep-1", "<edXML:ContentId>cid:tep-2")
            ),
            Case(
                Rules.AttachmentWithoutData,
                Fixture.Document.With("ContentTransferEncoded", "Other")
            ),
            Case(Rules.ContentIdForm, D("<ContentId>cid:tep-1", "<ContentId>tep-1")),
            Case(
                Rules.DeclaredTypeDiffers,
                D("<ContentType>application/pdf", "<ContentType>application/zip")
            ),
            Case(Rules.NotBase64, Variants.Data("${__StringFromFile(test.txt,,,)}")),
            Case(Rules.TruncatedBase64, Variants.Data(Fixture.Base64(Fixture.Pdf)[..^3])),
            Case(
                Rules.Utf8Damaged,
                Variants.Data(Fixture.Base64("%PDF-1.4\n\uFFFD\uFFFD\uFFFD\uFFFD\n%%EOF"))
            ),
            Case(Rules.CorruptZip, Variants.Data(Fixture.Base64("PK\u0003\u0004 and no end"))),
            Case(Rules.TruncatedPdf, Variants.Data(Fixture.Base64("%PDF-1.4\n1 0 obj"))),
            Case(Rules.EmptyAttachment, Variants.Data("")),
            Case(Rules.RepeatedContentId, Variants.TwoAttachments("cid:tep-1")),
            Case(Rules.AttachmentInsideEnvelope, Variants.AttachmentsInside),
            Case(
                Rules.UnsafeAttachmentName,
                D("<AttachmentName>công văn.pdf", "<AttachmentName>../../etc/passwd")
            ),
            Case(
                Rules.LongAttachmentName,
                D("<AttachmentName>công văn.pdf", $"<AttachmentName>{new string('ắ', 300)}.pdf")
            ),
            Case(Rules.MissingManifest, Variants.NoManifest),
            Case(
                Rules.SeveralSignatures,
                D("</edXML:edXMLHeader>", "<Signature/><Signature/></edXML:edXMLHeader>")
            ),
            Case(
                Rules.SignatureOutsideHeader,
                D("</edXML:edXMLBody>", "<Signature/></edXML:edXMLBody>")
            ),
        ];

    private static (Rule, byte[], ReadLimits)[] Business() =>
        [
            Case(
                Rules.UnknownBusinessType,
                D(Leaf("BussinessDocType", "0"), Leaf("BussinessDocType", "9"))
            ),
            Case(
                Rules.BusinessWithoutReason,
                D(Leaf("BussinessDocType", "0"), Leaf("BussinessDocType", "1"))
                    .With(Leaf("BussinessDocReason", "Văn bản mới"), "")
            ),
            Case(
                Rules.BusinessWithoutTarget,
                D(Leaf("BussinessDocType", "0"), Leaf("BussinessDocType", "2"))
            ),
            Case(Rules.UnknownReceiverType, Variants.Update("2")),
            Case(
                Rules.HopWithoutOrgan,
                Fixture.Document.With(
                    "<edXML:TraceHeaderList>",
                    "<edXML:TraceHeaderList><edXML:TraceHeader/>"
                )
            ),
        ];

    private static (Rule, byte[], ReadLimits)[] Statuses() =>
        [
            Case(Rules.BadStatusCode, S(Leaf("StatusCode", "01"), Leaf("StatusCode", "07"))),
            Case(Rules.ShortStatusCode, S(Leaf("StatusCode", "01"), Leaf("StatusCode", "1"))),
            Case(
                Rules.StatusWithoutTarget,
                S(Leaf("Code", "15/STN-VP"), "")
                    .With(Leaf("DocumentId", "H99.01,2026/03/02,15/STN-VP"), "")
            ),
            Case(
                Rules.RefusalWithoutReason,
                S(Leaf("StatusCode", "01"), Leaf("StatusCode", "02"))
                    .With(Leaf("Description", "Văn thư: Đã đến, phần mềm đã nhận"), "")
            ),
        ];
}
