namespace Axis.EdXml;

/// <summary>1300–1599: elements, values, identifiers and dates.</summary>
public static partial class Rules
{
    private const string Standard = "QCVN 102:2016/BTTTT, SĐ1:2022";
    private const string Decree30 = "NĐ 30/2020/NĐ-CP, Phụ lục VI";
    private const string Practice = "thực tế / practice";

    public static readonly Rule MissingElement = Make(
        1301,
        nameof(MissingElement),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        Standard,
        "Thiếu phần tử bắt buộc {path}.",
        "The mandatory element {path} is missing or empty."
    );

    public static readonly Rule MissingByStandard = Make(
        1302,
        nameof(MissingByStandard),
        Severity.Error,
        Severity.Note,
        null,
        Standard,
        "Thiếu phần tử {path} mà quy chuẩn yêu cầu.",
        "The element {path}, which the standard demands, is missing or empty."
    );

    public static readonly Rule LongerThanStandard = Make(
        1303,
        nameof(LongerThanStandard),
        Severity.Error,
        Severity.Note,
        null,
        "QCVN 102:2016/BTTTT, SĐ1:2022; " + Decree30,
        "Giá trị của {path} dài quá {expected} ký tự.",
        "The value of {path} is longer than {expected} characters."
    );

    public static readonly Rule NotANumber = Make(
        1304,
        nameof(NotANumber),
        Severity.Error,
        Severity.Warning,
        null,
        Standard,
        "{path} = \"{value}\" không phải là số.",
        "{path} = \"{value}\" is not a number."
    );

    public static readonly Rule PriorityOutOfRange = Make(
        1305,
        nameof(PriorityOutOfRange),
        Severity.Error,
        Severity.Warning,
        null,
        Practice,
        "Độ khẩn {value} không hợp lệ; cần {expected}.",
        "The priority {value} is not known; {expected} is needed."
    );

    public static readonly Rule CodeNumberWithLetters = Make(
        1306,
        nameof(CodeNumberWithLetters),
        Severity.Warning,
        Severity.Note,
        null,
        Decree30,
        "Số văn bản \"{value}\" chứa ký tự không phải chữ số.",
        "The document number \"{value}\" has characters that are not digits."
    );

    public static readonly Rule UnknownDocumentType = Make(
        1307,
        nameof(UnknownDocumentType),
        Severity.Warning,
        null,
        null,
        Standard,
        "Loại văn bản {value} không thuộc {expected}; nơi nhận chỉ nên tin TypeName.",
        "The document type {value} is not one of {expected}; receivers should trust TypeName only."
    );

    public static readonly Rule NotAFlag = Make(
        1308,
        nameof(NotAFlag),
        Severity.Error,
        Severity.Note,
        null,
        Standard,
        "{path} = \"{value}\" không hợp lệ; cần {expected}.",
        "{path} = \"{value}\" is not valid; {expected} is needed."
    );

    public static readonly Rule LiteralNull = Make(
        1310,
        nameof(LiteralNull),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Practice,
        "{path} chứa chữ \"null\" và được coi là trống.",
        "{path} holds the word \"null\" and is read as empty."
    );

    public static readonly Rule EmptyResponseFor = Make(
        1311,
        nameof(EmptyResponseFor),
        Severity.Warning,
        Severity.Note,
        null,
        Practice,
        "{path} không có nội dung.",
        "{path} says nothing."
    );

    public static readonly Rule EmptyValue = Make(
        1312,
        nameof(EmptyValue),
        Severity.Warning,
        null,
        null,
        Standard,
        "{path} rỗng; nếu không có giá trị thì bỏ phần tử.",
        "{path} is empty; an element without a value is to be left out."
    );

    public static readonly Rule MalformedIdentifier = Make(
        1401,
        nameof(MalformedIdentifier),
        Severity.Error,
        Severity.Error,
        Severity.Warning,
        "QĐ 20/2020/QĐ-TTg Đ4–Đ6; " + Standard,
        "Mã định danh \"{value}\" tại {path} không hợp lệ; cần {expected}.",
        "The identifier \"{value}\" at {path} is malformed; {expected} is needed."
    );

    public static readonly Rule MalformedSideIdentifier = Make(
        1402,
        nameof(MalformedSideIdentifier),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        "QĐ 20/2020/QĐ-TTg Đ4–Đ6",
        "Mã định danh \"{value}\" tại {path} không hợp lệ; cần {expected}.",
        "The identifier \"{value}\" at {path} is malformed; {expected} is needed."
    );

    public static readonly Rule IrregularIdentifier = Make(
        1403,
        nameof(IrregularIdentifier),
        Severity.Warning,
        Severity.Note,
        null,
        "QĐ 20/2020/QĐ-TTg; QĐ 28/2018/QĐ-TTg Đ10.2",
        "Mã định danh \"{value}\" tại {path} đọc được nhưng không đúng cấu trúc quy định.",
        "The identifier \"{value}\" at {path} is readable but not built as prescribed."
    );

    public static readonly Rule NodeAsRecipient = Make(
        1404,
        nameof(NodeAsRecipient),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Practice,
        "Nơi nhận {value} tại {path} là nút trục, không phải cơ quan.",
        "The recipient {value} at {path} is a node of an axis, not an agency."
    );

    public static readonly Rule RepeatedRecipient = Make(
        1405,
        nameof(RepeatedRecipient),
        Severity.Warning,
        Severity.Warning,
        null,
        Practice,
        "Nơi nhận {value} lặp lại tại {path}; chỉ gửi một lần.",
        "The recipient {value} is repeated at {path}; it is served once."
    );

    public static readonly Rule InsertedOldCode = Make(
        1406,
        nameof(InsertedOldCode),
        Severity.Note,
        Severity.Note,
        null,
        Practice,
        "Nơi nhận {value} tại {path} do trục quốc gia thêm vào (mã cũ của nơi nhận khác).",
        "The recipient {value} at {path} was inserted by the national axis: the old code of another recipient."
    );

    public static readonly Rule UnreadableDate = Make(
        1501,
        nameof(UnreadableDate),
        Severity.Error,
        Severity.Warning,
        Severity.Note,
        Standard,
        "{path} = \"{value}\" không phải ngày, giờ có thật; cần {expected}.",
        "{path} = \"{value}\" is no real date or time; {expected} is needed."
    );

    public static readonly Rule DateForm = Make(
        1502,
        nameof(DateForm),
        Severity.Error,
        Severity.Note,
        null,
        Standard,
        "{path} = \"{value}\" không viết theo dạng {expected}.",
        "{path} = \"{value}\" is not written as {expected}."
    );

    public static readonly Rule DateInFuture = Make(
        1503,
        nameof(DateInFuture),
        Severity.Error,
        Severity.Warning,
        null,
        Practice,
        "Ngày ban hành {value} sau ngày hôm nay ({expected}).",
        "The date of issue {value} is later than today ({expected})."
    );

    public static readonly Rule DueBeforeIssue = Make(
        1504,
        nameof(DueBeforeIssue),
        Severity.Warning,
        Severity.Note,
        null,
        Practice,
        "Hạn xử lý {value} trước ngày ban hành {expected}.",
        "The due date {value} is before the date of issue {expected}."
    );

    public static readonly Rule ImpossibleDateInDocumentId = Make(
        1505,
        nameof(ImpossibleDateInDocumentId),
        Severity.Warning,
        Severity.Warning,
        null,
        Practice,
        "{path} = \"{value}\" chứa ngày không có thật.",
        "{path} = \"{value}\" carries an impossible date."
    );
}
