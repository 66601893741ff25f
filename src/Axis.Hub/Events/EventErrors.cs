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

    public static IReadOnlyList<HubError> All { get; } = [CursorTooOld, TooManyStreams];
}
