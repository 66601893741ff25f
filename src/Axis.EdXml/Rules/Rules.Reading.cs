namespace Axis.EdXml;

/// <summary>1000–1299: what is noticed while reading.</summary>
public static partial class Rules
{
    private const string Xml = "XML 1.0";
    private const string Safety = "an toàn / safety";

    public static readonly Rule NotWellFormed = Always(
        1001,
        nameof(NotWellFormed),
        Xml,
        "XML sai cú pháp tại {path}: {value}.",
        "The XML is not well-formed at {path}: {value}."
    );

    public static readonly Rule UnboundPrefix = Always(
        1002,
        nameof(UnboundPrefix),
        "Namespaces in XML 1.0 §3",
        "Tiền tố \"{value}\" chưa được khai báo không gian tên tại {path}; cần {expected}.",
        "The prefix \"{value}\" at {path} is bound to no namespace; {expected} is needed."
    );

    public static readonly Rule MismatchedEndTag = Always(
        1003,
        nameof(MismatchedEndTag),
        Xml,
        "Thẻ đóng {value} tại {path} không khớp; cần {expected}.",
        "The end tag {value} at {path} matches no open element; {expected} was expected."
    );

    public static readonly Rule TextOutsideRoot = Always(
        1004,
        nameof(TextOutsideRoot),
        Xml,
        "Có nội dung thừa trước hoặc sau phần tử gốc.",
        "There is text before or after the root element."
    );

    public static readonly Rule UnsupportedEncoding = Always(
        1005,
        nameof(UnsupportedEncoding),
        "QCVN 102:2016/BTTTT",
        "Bảng mã {value} không được hỗ trợ; cần {expected}.",
        "The encoding {value} is not supported; {expected} is needed."
    );

    public static readonly Rule InvalidUtf8 = Always(
        1006,
        nameof(InvalidUtf8),
        "RFC 3629",
        "Byte không hợp lệ trong UTF-8 tại {path}.",
        "A byte at {path} is not valid UTF-8."
    );

    public static readonly Rule IllegalCharacter = Always(
        1007,
        nameof(IllegalCharacter),
        Xml,
        "Ký tự {value} không được phép trong XML tại {path}.",
        "The character {value} at {path} is not allowed in XML."
    );

    public static readonly Rule DtdRefused = Always(
        1008,
        nameof(DtdRefused),
        Safety,
        "Gói tin chứa khai báo DTD (<!DOCTYPE); DTD không bao giờ được chấp nhận.",
        "The package has a document type declaration (<!DOCTYPE); none is ever accepted."
    );

    public static readonly Rule UndefinedEntity = Always(
        1009,
        nameof(UndefinedEntity),
        Xml,
        "Thực thể {value} tại {path} chưa được định nghĩa; chỉ dùng {expected}.",
        "The entity {value} at {path} is not defined; only {expected} are."
    );

    public static readonly Rule DuplicateAttribute = Always(
        1010,
        nameof(DuplicateAttribute),
        Xml,
        "Thuộc tính {value} lặp lại tại {path}.",
        "The attribute {value} at {path} is repeated."
    );

    public static readonly Rule UnexpectedEnd = Always(
        1011,
        nameof(UnexpectedEnd),
        Xml,
        "Gói tin bị cắt cụt trong {path}; còn thiếu {expected}.",
        "The package ends inside {path}; {expected} is missing."
    );

    public static readonly Rule EmptyPackage = Always(
        1012,
        nameof(EmptyPackage),
        Xml,
        "Gói tin rỗng.",
        "The package is empty."
    );

    public static readonly Rule MisplacedDeclaration = Always(
        1013,
        nameof(MisplacedDeclaration),
        Xml,
        "Khai báo XML sai hoặc không đứng ở byte đầu tiên; cần {expected}.",
        "The XML declaration is malformed or does not stand at the first byte; {expected} is needed."
    );

    public static readonly Rule PackageTooLarge = Always(
        1101,
        nameof(PackageTooLarge),
        Safety,
        "Gói tin có {value} byte, vượt giới hạn {expected} byte.",
        "The package has {value} bytes; the limit is {expected}."
    );

    public static readonly Rule TooDeep = Always(
        1102,
        nameof(TooDeep),
        Safety,
        "Các phần tử lồng nhau quá {expected} cấp tại {path}.",
        "Elements at {path} are nested deeper than {expected}."
    );

    public static readonly Rule TagTooLong = Always(
        1103,
        nameof(TagTooLong),
        Safety,
        "Một thẻ trong {path} dài quá {expected} byte.",
        "A tag in {path} is longer than {expected} bytes."
    );

    public static readonly Rule TooManyAttributes = Always(
        1104,
        nameof(TooManyAttributes),
        Safety,
        "Một phần tử trong {path} có quá {expected} thuộc tính.",
        "An element in {path} has more than {expected} attributes."
    );

    public static readonly Rule TooManyNamespaces = Always(
        1105,
        nameof(TooManyNamespaces),
        Safety,
        "Quá {expected} khai báo không gian tên cùng có hiệu lực tại {path}.",
        "More than {expected} namespace declarations are in scope at {path}."
    );

    public static readonly Rule HeaderTooLarge = Always(
        1106,
        nameof(HeaderTooLarge),
        Safety,
        "Phần ngoài dữ liệu tệp đính kèm vượt {expected} byte.",
        "The part outside attachment data is larger than {expected} bytes."
    );

    public static readonly Rule TooManyElements = Always(
        1107,
        nameof(TooManyElements),
        Safety,
        "Gói tin có quá {expected} phần tử.",
        "The package has more than {expected} elements."
    );

    public static readonly Rule TooManyRecipients = Always(
        1108,
        nameof(TooManyRecipients),
        Safety,
        "Quá {expected} nơi nhận.",
        "There are more than {expected} recipients."
    );

    public static readonly Rule TooManyAttachments = Always(
        1109,
        nameof(TooManyAttachments),
        Safety,
        "Quá {expected} tệp đính kèm.",
        "There are more than {expected} attachments."
    );

    public static readonly Rule ValueTooLong = Always(
        1110,
        nameof(ValueTooLong),
        Safety,
        "Giá trị của {path} dài quá {expected} byte.",
        "The value of {path} is longer than {expected} bytes."
    );

    public static readonly Rule UnrecognisedRoot = Always(
        1201,
        nameof(UnrecognisedRoot),
        "QCVN 102:2016/BTTTT",
        "Không nhận ra phần tử gốc {value}; cần edXML trong không gian tên {expected}.",
        "The root element {value} is not recognised; edXML in the namespace {expected} is needed."
    );

    public static readonly Rule NamespaceVariant = Make(
        1202,
        nameof(NamespaceVariant),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        "thực tế / practice",
        "Gói tin dùng không gian tên {value} thay cho {expected}; nhiều hệ thống sẽ từ chối.",
        "The package uses the namespace {value} instead of {expected}; many receivers refuse that."
    );

    public static readonly Rule UnprefixedEnvelope = Make(
        1203,
        nameof(UnprefixedEnvelope),
        Severity.Warning,
        Severity.Warning,
        Severity.Note,
        "thực tế / practice",
        "edXMLEnvelope không có tiền tố; một số trục từ chối, nên dùng tiền tố edXML.",
        "edXMLEnvelope has no prefix; some axes refuse that, the prefix edXML is safe."
    );

    public static readonly Rule NonStandardForm = Make(
        1204,
        nameof(NonStandardForm),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        "công văn 2803/BTTTT; thực tế / practice",
        "Gói tin có dạng {value}, không phải edXML của QCVN 102:2016; nơi nhận không đọc được.",
        "The package has the form {value}, not the edXML of QCVN 102:2016; receivers cannot read it."
    );

    public static readonly Rule MissingMessageHeader = Always(
        1205,
        nameof(MissingMessageHeader),
        "QCVN 102:2016/BTTTT",
        "Thiếu phần tử MessageHeader trong edXMLHeader.",
        "edXMLHeader has no MessageHeader."
    );

    public static readonly Rule UnknownElement = Make(
        1206,
        nameof(UnknownElement),
        Severity.Warning,
        Severity.Note,
        null,
        "QCVN 102:2016/BTTTT",
        "Phần tử {path} không có trong định dạng; được giữ nguyên nhưng không được dùng.",
        "The element {path} is not part of the format; it is kept but not used."
    );

    public static readonly Rule StrayText = Make(
        1207,
        nameof(StrayText),
        Severity.Warning,
        Severity.Note,
        null,
        "QCVN 102:2016/BTTTT",
        "Có văn bản thừa \"{value}\" trong {path}.",
        "There is stray text \"{value}\" in {path}."
    );

    public static readonly Rule RepeatedElement = Make(
        1208,
        nameof(RepeatedElement),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        "QCVN 102:2016/BTTTT",
        "{path} lặp lại; chỉ được có một và hệ thống không thể chọn thay.",
        "{path} is repeated; only one is allowed, and no receiver can choose."
    );

    public static readonly Rule MisspeltElement = Make(
        1209,
        nameof(MisspeltElement),
        Severity.Error,
        Severity.Warning,
        Severity.Warning,
        "thực tế / practice",
        "{path} sai chữ hoa, chữ thường hoặc không gian tên; cần {expected}.",
        "{path} is spelt or namespaced wrongly; {expected} is needed."
    );
}
