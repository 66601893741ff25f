using Axis.Hub.Errors;

namespace Axis.Hub.Deadlines;

/// <summary>5300–5399: deadlines and their extension.</summary>
public static class DeadlineErrors
{
    public static readonly HubError NoDeadline = new(
        5301,
        StatusCodes.Status409Conflict,
        "no-running-deadline",
        "The delivery {0} has no deadline that still runs; there is nothing to extend.",
        "Lượt gửi {0} không có thời hạn xử lý đang tính; không có gì để gia hạn."
    );

    public static readonly HubError AskedAlready = new(
        5302,
        StatusCodes.Status409Conflict,
        "extension-asked",
        "An extension until {0} was asked for and is not answered yet.",
        "Đã có đề nghị gia hạn đến {0} chưa được trả lời."
    );

    public static readonly HubError NotLater = new(
        5303,
        StatusCodes.Status422UnprocessableEntity,
        "extension-not-later",
        "{0} is not after the deadline of {1}; name a later day.",
        "{0} không sau thời hạn {1}; hãy chọn ngày muộn hơn."
    );

    public static readonly HubError NothingAsked = new(
        5304,
        StatusCodes.Status409Conflict,
        "no-extension-asked",
        "No extension is asked for the delivery {0}; there is nothing to answer.",
        "Không có đề nghị gia hạn nào cho lượt gửi {0}; không có gì để trả lời."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [NoDeadline, AskedAlready, NotLater, NothingAsked];
}
