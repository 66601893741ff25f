namespace Axis.EdXml;

/// <summary>1600–1999: attachments, business, statuses and signatures.</summary>
public static partial class Rules
{
    public static readonly Rule WrongAttachmentsElement = Make(
        1601,
        nameof(WrongAttachmentsElement),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        Practice,
        "Sai phần tử tệp đính kèm: {path}; nơi nhận chỉ đọc {expected} ngoài edXMLEnvelope.",
        "Wrong attachments element {path}: receivers read {expected} outside edXMLEnvelope only."
    );

    public static readonly Rule ReferenceWithoutAttachment = Make(
        1602,
        nameof(ReferenceWithoutAttachment),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        Standard,
        "{path} tham chiếu \"{value}\" nhưng không có tệp đính kèm tương ứng.",
        "{path} refers to \"{value}\", but there is no such attachment."
    );

    public static readonly Rule AttachmentWithoutReference = Make(
        1603,
        nameof(AttachmentWithoutReference),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Standard,
        "{path} (\"{value}\") không được edXMLManifest tham chiếu.",
        "{path} (\"{value}\") is referred to by no Reference of edXMLManifest."
    );

    public static readonly Rule AttachmentWithoutData = Make(
        1604,
        nameof(AttachmentWithoutData),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        Standard,
        "{path} không có phần tử dữ liệu {expected}.",
        "{path} has no data element {expected}."
    );

    public static readonly Rule ContentIdForm = Make(
        1605,
        nameof(ContentIdForm),
        Severity.Error,
        Severity.Warning,
        null,
        Practice,
        "ContentId \"{value}\" tại {path} chỉ khớp khi bỏ qua tiền tố cid: hoặc chữ hoa, chữ thường.",
        "The ContentId \"{value}\" at {path} matches only when the prefix cid: or the case of letters is ignored."
    );

    public static readonly Rule DeclaredTypeDiffers = Make(
        1606,
        nameof(DeclaredTypeDiffers),
        Severity.Warning,
        Severity.Note,
        null,
        Practice,
        "{path} khai báo kiểu \"{value}\" nhưng nội dung là {expected}.",
        "{path} declares the type \"{value}\", but the content is {expected}."
    );

    public static readonly Rule NotBase64 = Make(
        1607,
        nameof(NotBase64),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        "RFC 4648 §4",
        "Dữ liệu của {path} không phải base64.",
        "The data of {path} is not base64."
    );

    public static readonly Rule TruncatedBase64 = Make(
        1608,
        nameof(TruncatedBase64),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        "RFC 4648 §4",
        "Dữ liệu base64 của {path} bị cắt cụt hoặc thiếu dấu =.",
        "The base64 data of {path} is cut off or lacks its padding."
    );

    public static readonly Rule Utf8Damaged = Make(
        1609,
        nameof(Utf8Damaged),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Practice,
        "Nội dung nhị phân của {path} đã bị hỏng do chuyển đổi UTF-8 (EF BF BD).",
        "The binary content of {path} was damaged by a UTF-8 conversion (EF BF BD)."
    );

    public static readonly Rule CorruptZip = Make(
        1610,
        nameof(CorruptZip),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Practice,
        "Tệp ZIP của {path} bị hỏng hoặc thiếu phần cuối.",
        "The ZIP of {path} is corrupt or cut off."
    );

    public static readonly Rule TruncatedPdf = Make(
        1611,
        nameof(TruncatedPdf),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        "ISO 32000-1 §7.5.5",
        "Tệp PDF của {path} thiếu phần kết thúc (%%EOF).",
        "The PDF of {path} lacks its end (%%EOF)."
    );

    public static readonly Rule EmptyAttachment = Make(
        1612,
        nameof(EmptyAttachment),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Practice,
        "{path} có nội dung rỗng.",
        "{path} has no content."
    );

    public static readonly Rule RepeatedContentId = Make(
        1613,
        nameof(RepeatedContentId),
        Severity.Error,
        Severity.Warning,
        null,
        Standard,
        "ContentId \"{value}\" lặp lại tại {path}.",
        "The ContentId \"{value}\" is repeated at {path}."
    );

    public static readonly Rule AttachmentInsideEnvelope = Make(
        1614,
        nameof(AttachmentInsideEnvelope),
        Severity.Error,
        Severity.Warning,
        null,
        Practice,
        "AttachmentEncoded nằm trong edXMLEnvelope; vị trí đúng là ngay trong edXML.",
        "AttachmentEncoded stands inside edXMLEnvelope; its place is directly in edXML."
    );

    public static readonly Rule UnsafeAttachmentName = Make(
        1615,
        nameof(UnsafeAttachmentName),
        Severity.Warning,
        Severity.Warning,
        Severity.Note,
        Safety,
        "Tên tệp \"{value}\" tại {path} chứa đường dẫn hoặc ký tự điều khiển.",
        "The file name \"{value}\" at {path} has a path or control characters in it."
    );

    public static readonly Rule LongAttachmentName = Make(
        1616,
        nameof(LongAttachmentName),
        Severity.Warning,
        Severity.Note,
        null,
        Practice,
        "Tên tệp tại {path} dài quá {expected} byte; nhiều phần mềm sẽ cắt bớt.",
        "The file name at {path} is longer than {expected} bytes; many office systems cut it off."
    );

    public static readonly Rule MissingManifest = Make(
        1617,
        nameof(MissingManifest),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Standard,
        "Có tệp đính kèm nhưng {path} không có {expected}.",
        "There are attachments, but {path} has no {expected}."
    );

    public static readonly Rule UnknownBusinessType = Make(
        1701,
        nameof(UnknownBusinessType),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Standard,
        "BussinessDocType = \"{value}\" không hợp lệ; cần {expected}.",
        "BussinessDocType = \"{value}\" is not known; {expected} is needed."
    );

    public static readonly Rule BusinessWithoutReason = Make(
        1702,
        nameof(BusinessWithoutReason),
        Severity.Warning,
        null,
        null,
        "QĐ 28/2018/QĐ-TTg Đ8.2",
        "Thu hồi, cập nhật hoặc thay thế mà không nêu lý do.",
        "A recall, update or replacement gives no reason."
    );

    public static readonly Rule BusinessWithoutTarget = Make(
        1703,
        nameof(BusinessWithoutTarget),
        Severity.Error,
        Severity.Warning,
        null,
        Standard,
        "Không nêu văn bản bị cập nhật hoặc thay thế ({expected}).",
        "The letter that is updated or replaced is not named ({expected})."
    );

    public static readonly Rule UnknownReceiverType = Make(
        1704,
        nameof(UnknownReceiverType),
        Severity.Error,
        Severity.Warning,
        null,
        Practice,
        "{path} = \"{value}\" không hợp lệ; cần {expected}.",
        "{path} = \"{value}\" is not known; {expected} is needed."
    );

    public static readonly Rule HopWithoutOrgan = Make(
        1705,
        nameof(HopWithoutOrgan),
        Severity.Warning,
        Severity.Note,
        null,
        Practice,
        "{path} không cho biết nút nào đã xử lý.",
        "{path} does not say who handled the package."
    );

    public static readonly Rule BadStatusCode = Make(
        1801,
        nameof(BadStatusCode),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        Standard,
        "Mã trạng thái \"{value}\" không hợp lệ; cần {expected}.",
        "The status code \"{value}\" is not known; {expected} is needed."
    );

    public static readonly Rule ShortStatusCode = Make(
        1802,
        nameof(ShortStatusCode),
        Severity.Warning,
        Severity.Note,
        null,
        Standard,
        "Mã trạng thái \"{value}\" thiếu số 0 đứng đầu; hiểu là \"{expected}\".",
        "The status code \"{value}\" lacks its leading zero; it is read as \"{expected}\"."
    );

    public static readonly Rule StatusWithoutTarget = Make(
        1803,
        nameof(StatusWithoutTarget),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        Standard,
        "ResponseFor không nêu DocumentId hay Code nên không biết trạng thái của văn bản nào.",
        "ResponseFor has neither DocumentId nor Code, so the reported letter cannot be known."
    );

    public static readonly Rule RefusalWithoutReason = Make(
        1804,
        nameof(RefusalWithoutReason),
        Severity.Warning,
        Severity.Warning,
        null,
        "QĐ 28/2018/QĐ-TTg Đ5.4",
        "Trạng thái {value} không nêu lý do trong Description.",
        "The status {value} gives no reason in Description."
    );

    public static readonly Rule SeveralSignatures = Make(
        1901,
        nameof(SeveralSignatures),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Safety,
        "Gói tin có {value} phần tử Signature; chỉ được có một.",
        "The package has {value} Signature elements; only one is allowed."
    );

    public static readonly Rule SignatureOutsideHeader = Make(
        1902,
        nameof(SignatureOutsideHeader),
        Severity.Error,
        Severity.Warning,
        null,
        Standard,
        "Signature không nằm trực tiếp trong edXMLHeader.",
        "Signature is not a child of edXMLHeader."
    );
}
