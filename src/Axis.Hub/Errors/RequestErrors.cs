namespace Axis.Hub.Errors;

/// <summary>6000–6999: limits and transport.</summary>
public static class RequestErrors
{
    public static readonly HubError TooLarge = new(
        6001,
        StatusCodes.Status413PayloadTooLarge,
        "too-large",
        "The package is larger than the limit of {0} bytes.",
        "Gói tin lớn hơn giới hạn {0} byte."
    );

    public static readonly HubError Malformed = new(
        6002,
        StatusCodes.Status400BadRequest,
        "malformed-request",
        "The request cannot be read: {0}",
        "Không đọc được yêu cầu: {0}"
    );

    public static readonly HubError Empty = new(
        6003,
        StatusCodes.Status400BadRequest,
        "empty",
        "The request has no body; the bytes of one edXML package were expected.",
        "Yêu cầu không có nội dung; cần các byte của một gói edXML."
    );

    public static readonly HubError NotFound = new(
        6004,
        StatusCodes.Status404NotFound,
        "not-found",
        "There is no such {0}, or it is not yours to see.",
        "Không có {0} này, hoặc bạn không được xem."
    );

    public static readonly HubError BadParameter = new(
        6005,
        StatusCodes.Status400BadRequest,
        "bad-parameter",
        "Parameter {0} is not valid: {1} was expected.",
        "Tham số {0} không hợp lệ: cần {1}."
    );

    public static readonly HubError TooManyRequests = new(
        6010,
        StatusCodes.Status429TooManyRequests,
        "too-many-requests",
        "More than {0} requests a minute; nothing was done. Send it again after {1} s.",
        "Quá {0} yêu cầu mỗi phút; chưa thực hiện gì. Hãy gửi lại sau {1} giây."
    );

    public static readonly HubError TooManyAtATime = new(
        6011,
        StatusCodes.Status429TooManyRequests,
        "too-many-at-a-time",
        "More than {0} requests at a time; nothing was done. Send it again when one has ended.",
        "Quá {0} yêu cầu cùng lúc; chưa thực hiện gì. Hãy gửi lại khi một yêu cầu đã kết thúc."
    );

    public static readonly HubError OverQuota = new(
        6012,
        StatusCodes.Status429TooManyRequests,
        "over-quota",
        "With this package it would be more than {0} a day; nothing was accepted. The next day begins in {1} s.",
        "Với gói tin này, số lượng sẽ vượt {0} mỗi ngày; chưa tiếp nhận gì. Ngày mới bắt đầu sau {1} giây."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [
        TooLarge,
        Malformed,
        Empty,
        NotFound,
        BadParameter,
        TooManyRequests,
        TooManyAtATime,
        OverQuota,
    ];
}
