using Axis.Hub.Errors;

namespace Axis.Hub.Delivery.Replays;

/// <summary>5800–5899: trying deliveries again.</summary>
public static class ReplayErrors
{
    public static readonly HubError NothingToReplay = new(
        5801,
        StatusCodes.Status422UnprocessableEntity,
        "nothing-to-replay",
        "No failed delivery matches; nothing was ordered.",
        "Không có lượt gửi thất bại nào khớp điều kiện; chưa lập lệnh gửi lại nào."
    );

    public static readonly HubError NotToBeTried = new(
        5802,
        StatusCodes.Status409Conflict,
        "not-to-be-tried",
        "The delivery is {0}; only one to an office system that is waiting or failed can be tried again.",
        "Lượt gửi đang ở trạng thái {0}; chỉ gửi lại được lượt gửi tới phần mềm đang chờ (waiting) hoặc thất bại (failed)."
    );

    public static readonly HubError ReplayNotRunning = new(
        5803,
        StatusCodes.Status409Conflict,
        "replay-not-running",
        "The replay is {0} and cannot be stopped.",
        "Lệnh gửi lại đang ở trạng thái {0}, không dừng được."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [NothingToReplay, NotToBeTried, ReplayNotRunning];
}
