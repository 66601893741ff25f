using Axis.Hub.Errors;

namespace Axis.Hub.Vxp;

/// <summary>2200–2299 and 6100–6199: the door for clients of the national axis' SDK.</summary>
public static class VxpErrors
{
    public static readonly HubError BadSignature = new(
        2201,
        StatusCodes.Status401Unauthorized,
        "vxp-bad-signature",
        "The system id is not known, or hash-header was not made with its secret.",
        "Mã hệ thống không tồn tại, hoặc hash-header không được tạo bằng khóa bí mật của hệ thống."
    );

    public static readonly HubError BadHeaders = new(
        2202,
        StatusCodes.Status401Unauthorized,
        "vxp-bad-headers",
        "The XroadVnpt headers do not agree with what was signed: {0}.",
        "Các tiêu đề XroadVnpt không khớp với nội dung đã ký: {0}."
    );

    public static readonly HubError SwitchedOff = new(
        2203,
        StatusCodes.Status403Forbidden,
        "vxp-switched-off",
        "The VXP door is switched off for {0}; ask the province's IT centre.",
        "Cổng VXP đang tắt đối với {0}; hãy liên hệ trung tâm CNTT của tỉnh."
    );

    public static readonly HubError ReceiveOnly = new(
        2204,
        StatusCodes.Status403Forbidden,
        "vxp-receive-only",
        "Over the VXP door {0} may receive and report statuses, but not send documents.",
        "Qua cổng VXP, {0} chỉ được nhận văn bản và gửi trạng thái, không được gửi văn bản."
    );

    public static readonly HubError RegistryIsNotYours = new(
        2205,
        StatusCodes.Status403Forbidden,
        "vxp-agency-change",
        "Agencies are registered and closed by the province's IT centre, not by office systems; {0} was left as it is.",
        "Việc đăng ký, đóng mã cơ quan do trung tâm CNTT của tỉnh thực hiện; {0} được giữ nguyên."
    );

    public static readonly HubError NoKeyFile = new(
        2206,
        StatusCodes.Status409Conflict,
        "vxp-no-key-file",
        "The hub has no Vxp:KeyFile, so VXP secrets cannot be kept.",
        "Trục chưa cấu hình Vxp:KeyFile nên không lưu được khóa bí mật VXP."
    );

    public static readonly HubError InboxIsAQueue = new(
        2207,
        StatusCodes.Status409Conflict,
        "vxp-inbox-is-a-queue",
        "{0} collects from queues; a VXP client polls, so its inbox door must be http.",
        "{0} đang nhận qua hàng đợi; phần mềm dùng VXP phải có inbox_door là http."
    );

    public static readonly HubError SystemIdTaken = new(
        2208,
        StatusCodes.Status409Conflict,
        "vxp-system-id-taken",
        "The system id {0} belongs to another office system.",
        "Mã hệ thống {0} đã thuộc về phần mềm khác."
    );

    public static readonly HubError WrongNetwork = new(
        2209,
        StatusCodes.Status403Forbidden,
        "vxp-wrong-network",
        "{0} is no address from which {1} may connect; ask the province's IT centre.",
        "{1} không được phép kết nối từ địa chỉ {0}; hãy liên hệ trung tâm CNTT của tỉnh."
    );

    public static readonly HubError FileDigest = new(
        6101,
        StatusCodes.Status400BadRequest,
        "vxp-file-digest",
        "hash-file is not the SHA-256 of the {0} bytes received; send the file again.",
        "hash-file không phải SHA-256 của {0} byte nhận được; hãy gửi lại tệp."
    );

    public static readonly HubError NotInPackage = new(
        6102,
        StatusCodes.Status422UnprocessableEntity,
        "vxp-recipient-not-in-package",
        "The parameter to names {0}, which is no recipient in the package; the package decides who receives.",
        "Tham số to ghi {0} nhưng gói tin không có nơi nhận này; nơi nhận do gói tin quyết định."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [
        BadSignature,
        BadHeaders,
        SwitchedOff,
        ReceiveOnly,
        RegistryIsNotYours,
        NoKeyFile,
        InboxIsAQueue,
        SystemIdTaken,
        WrongNetwork,
        FileDigest,
        NotInPackage,
    ];
}
