using Axis.Hub.Errors;

namespace Axis.Hub.Intake;

/// <summary>2100–2199 sender, 4000–4999 signature, 5000–5099 duplicates.</summary>
public static class SubmissionErrors
{
    public static readonly HubError UnknownSender = new(
        2101,
        StatusCodes.Status403Forbidden,
        "unknown-sender",
        "No agency has the sender identifier {0}; a code of the catalogue was expected.",
        "Không có cơ quan nào mang mã định danh bên gửi {0}; cần một mã trong danh mục."
    );

    public static readonly HubError SenderNotServed = new(
        2102,
        StatusCodes.Status403Forbidden,
        "sender-not-served",
        "The office system {1} does not speak for {0}.",
        "Phần mềm {1} không được gửi thay cho cơ quan {0}."
    );

    public static readonly HubError SenderNotActive = new(
        2103,
        StatusCodes.Status403Forbidden,
        "sender-not-active",
        "The agency {0} is closed or locked and sends no documents.",
        "Cơ quan {0} đã đóng mã hoặc đang bị khoá, không gửi văn bản."
    );

    public static readonly HubError SignatureMissing = new(
        4001,
        StatusCodes.Status422UnprocessableEntity,
        "signature-missing",
        "The package carries no envelope signature, and this office system must sign. {0}",
        "Gói tin không có chữ ký phong bì, trong khi phần mềm này phải ký. {0}"
    );

    public static readonly HubError SignatureBroken = new(
        4002,
        StatusCodes.Status422UnprocessableEntity,
        "signature-broken",
        "The envelope signature does not match the package. {0}",
        "Chữ ký phong bì không khớp với gói tin. {0}"
    );

    public static readonly HubError SignatureUntrusted = new(
        4003,
        StatusCodes.Status422UnprocessableEntity,
        "signature-untrusted",
        "The envelope is signed with a certificate that is not registered for the sending agency. {0}",
        "Phong bì được ký bằng chứng thư chưa đăng ký cho cơ quan gửi. {0}"
    );

    public static readonly HubError SignatureExpired = new(
        4004,
        StatusCodes.Status422UnprocessableEntity,
        "signature-expired",
        "The certificate of the envelope signature is not valid today. {0}",
        "Chứng thư của chữ ký phong bì không còn hoặc chưa có hiệu lực. {0}"
    );

    public static readonly HubError SignatureMalformed = new(
        4005,
        StatusCodes.Status422UnprocessableEntity,
        "signature-malformed",
        "The envelope signature does not have the form that the exchange requires. {0}",
        "Chữ ký phong bì không đúng cấu trúc quy định. {0}"
    );

    public static readonly HubError SignatureUnsupported = new(
        4006,
        StatusCodes.Status422UnprocessableEntity,
        "signature-unsupported",
        "The envelope signature uses an algorithm or transform that is not allowed. {0}",
        "Chữ ký phong bì dùng thuật toán hoặc phép biến đổi không được phép. {0}"
    );

    public static readonly HubError SignaturePlaceholder = new(
        4007,
        StatusCodes.Status422UnprocessableEntity,
        "signature-placeholder",
        "The envelope signature is a placeholder of sample code, not a signature. {0}",
        "Chữ ký phong bì là dữ liệu mẫu, không phải chữ ký thật. {0}"
    );

    public static readonly HubError SignatureRevoked = new(
        4008,
        StatusCodes.Status422UnprocessableEntity,
        "signature-revoked",
        "The certificate of the envelope signature was revoked. {0}",
        "Chứng thư của chữ ký phong bì đã bị thu hồi. {0}"
    );

    public static readonly HubError SignatureUnchecked = new(
        4009,
        StatusCodes.Status422UnprocessableEntity,
        "signature-unchecked",
        "For too long nobody could say whether the certificate of the envelope signature was revoked. Send the package again later. {0}",
        "Đã quá lâu không kiểm tra được chứng thư của chữ ký phong bì có bị thu hồi hay không. Hãy gửi lại sau. {0}"
    );

    public static readonly HubError DocumentUnsigned = new(
        4011,
        StatusCodes.Status422UnprocessableEntity,
        "document-unsigned",
        "No attached PDF carries a signature, and this sender must sign its documents.",
        "Không có tệp PDF đính kèm nào được ký số, trong khi bên gửi này phải ký văn bản."
    );

    public static readonly HubError DocumentSignatureRefused = new(
        4012,
        StatusCodes.Status422UnprocessableEntity,
        "document-signature-refused",
        "No attached PDF carries a valid signature of a trusted signer. The best of them is {0}: {1}",
        "Không có tệp PDF đính kèm nào mang chữ ký số hợp lệ của người ký được tin cậy. Tốt nhất là {0}: {1}"
    );

    public static readonly HubError DocumentIdConflict = new(
        5001,
        StatusCodes.Status409Conflict,
        "document-id-conflict",
        "The agency has already sent a different package with the document id {0} (package {1}). "
            + "Change it with an update or a replacement, or give a new document id.",
        "Cơ quan đã gửi một gói tin khác mang mã văn bản {0} (gói {1}). "
            + "Hãy dùng nghiệp vụ cập nhật hoặc thay thế, hoặc cấp mã văn bản mới."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [
        UnknownSender,
        SenderNotServed,
        SenderNotActive,
        SignatureMissing,
        SignatureBroken,
        SignatureUntrusted,
        SignatureExpired,
        SignatureMalformed,
        SignatureUnsupported,
        SignaturePlaceholder,
        SignatureRevoked,
        SignatureUnchecked,
        DocumentUnsigned,
        DocumentSignatureRefused,
        DocumentIdConflict,
    ];
}
