using Axis.Hub.Errors;

namespace Axis.Hub.Access;

/// <summary>2000–2999: identity and access.</summary>
public static class AccessErrors
{
    public static readonly HubError NoToken = new(
        2001,
        StatusCodes.Status401Unauthorized,
        "no-token",
        "An access token is needed: Authorization: Bearer <token from /oauth2/token>.",
        "Cần mã truy cập: Authorization: Bearer <mã lấy từ /oauth2/token>."
    );

    public static readonly HubError BadToken = new(
        2002,
        StatusCodes.Status401Unauthorized,
        "bad-token",
        "The access token is not valid or has expired; get a new one from /oauth2/token.",
        "Mã truy cập không hợp lệ hoặc đã hết hạn; hãy lấy mã mới từ /oauth2/token."
    );

    public static readonly HubError Locked = new(
        2003,
        StatusCodes.Status403Forbidden,
        "locked",
        "{0} is locked or no longer registered; ask the province's IT centre.",
        "{0} đã bị khóa hoặc không còn đăng ký; hãy liên hệ trung tâm CNTT của tỉnh."
    );

    public static readonly HubError NotAllowed = new(
        2004,
        StatusCodes.Status403Forbidden,
        "not-allowed",
        "{0} is not allowed to do this; {1} is needed.",
        "{0} không được phép thực hiện; cần {1}."
    );

    public static readonly HubError BadClient = new(
        2005,
        StatusCodes.Status401Unauthorized,
        "bad-client",
        "The client id or the secret is wrong.",
        "Sai mã định danh ứng dụng hoặc khóa bí mật."
    );

    public static readonly HubError BadTokenRequest = new(
        2006,
        StatusCodes.Status400BadRequest,
        "bad-token-request",
        "The token request is not valid: {0}",
        "Yêu cầu cấp mã truy cập không hợp lệ: {0}"
    );

    public static readonly HubError TooManyFailures = new(
        2007,
        StatusCodes.Status429TooManyRequests,
        "too-many-failures",
        "Too many wrong secrets; try again after {0} s.",
        "Sai khóa bí mật quá nhiều lần; hãy thử lại sau {0} giây."
    );

    public static readonly HubError AnothersKey = new(
        2008,
        StatusCodes.Status409Conflict,
        "anothers-key",
        "This key, or a certificate with this subject, is registered for another office system; each needs its own.",
        "Khóa này, hoặc chứng thư có cùng chủ thể, đã được đăng ký cho phần mềm khác; mỗi phần mềm cần khóa riêng."
    );

    public static readonly HubError WrongNetwork = new(
        2009,
        StatusCodes.Status403Forbidden,
        "wrong-network",
        "{0} may not come from the address {1}; ask the province's IT centre to add its network.",
        "{0} không được kết nối từ địa chỉ {1}; hãy đề nghị trung tâm CNTT của tỉnh bổ sung mạng này."
    );

    public static readonly HubError TooManyTokenRequests = new(
        2010,
        StatusCodes.Status429TooManyRequests,
        "too-many-token-requests",
        "Too many requests for access tokens; a token serves for many requests. Ask again after {0} s.",
        "Yêu cầu cấp mã truy cập quá nhiều lần; một mã dùng được cho nhiều yêu cầu. Hãy thử lại sau {0} giây."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [
        NoToken,
        BadToken,
        Locked,
        NotAllowed,
        BadClient,
        BadTokenRequest,
        TooManyFailures,
        AnothersKey,
        WrongNetwork,
        TooManyTokenRequests,
    ];
}
