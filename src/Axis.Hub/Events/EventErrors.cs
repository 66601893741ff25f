using Axis.Hub.Errors;

namespace Axis.Hub.Events;

/// <summary>5400–5499: the event feed, webhooks, notices.</summary>
public static class EventErrors
{
    public static readonly HubError CursorTooOld = new(
        5401,
        StatusCodes.Status410Gone,
        "cursor-too-old",
        "Events are kept for {0} days, and this cursor is older: some may have been missed. Ask for the state of your letters, and begin again with after=0.",
        "Sự kiện được giữ {0} ngày và con trỏ này cũ hơn: có thể đã lỡ một số sự kiện. Hãy hỏi lại trạng thái văn bản và bắt đầu lại với after=0."
    );

    public static readonly HubError TooManyStreams = new(
        5402,
        StatusCodes.Status429TooManyRequests,
        "too-many-streams",
        "{0} event streams are open, which is the limit; close one, or read the list.",
        "Đang mở {0} luồng sự kiện, đã đến giới hạn; hãy đóng bớt một luồng hoặc đọc danh sách."
    );

    public static readonly HubError ForbiddenAddress = new(
        5411,
        StatusCodes.Status422UnprocessableEntity,
        "forbidden-address",
        "The hub does not call this address: it is not public, and the IT centre has not allowed its network.",
        "Trục không gọi tới địa chỉ này: không phải địa chỉ công cộng và mạng của nó chưa được trung tâm CNTT cho phép."
    );

    public static readonly HubError TooManyWebhooks = new(
        5412,
        StatusCodes.Status409Conflict,
        "too-many-webhooks",
        "There are {0} webhooks already, which is the limit; remove one first.",
        "Đã có {0} webhook, đạt giới hạn; hãy xóa bớt một webhook trước."
    );

    public static readonly HubError NoKeyFile = new(
        5413,
        StatusCodes.Status503ServiceUnavailable,
        "no-sealing-key",
        "The hub has no key to seal secrets with; the IT centre must set Vxp:KeyFile.",
        "Trục chưa có khóa để niêm phong bí mật; trung tâm CNTT cần đặt Vxp:KeyFile."
    );

    public static readonly HubError NoMailServer = new(
        5421,
        StatusCodes.Status409Conflict,
        "no-mail-server",
        "The hub has no mail server; the IT centre must set Notices:SmtpHost.",
        "Trục chưa có máy chủ thư; trung tâm CNTT cần đặt Notices:SmtpHost."
    );

    public static readonly HubError NoMailContact = new(
        5422,
        StatusCodes.Status409Conflict,
        "no-mail-contact",
        "The agency {0} has no contact with a mail address in the registry.",
        "Cơ quan {0} chưa có đầu mối nào có địa chỉ thư trong danh mục."
    );

    public static readonly HubError MailNotTaken = new(
        5423,
        StatusCodes.Status502BadGateway,
        "mail-not-taken",
        "The mail server did not take the mail: {0}.",
        "Máy chủ thư không nhận thư: {0}."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [
        CursorTooOld,
        TooManyStreams,
        ForbiddenAddress,
        TooManyWebhooks,
        NoKeyFile,
        NoMailServer,
        NoMailContact,
        MailNotTaken,
    ];
}
