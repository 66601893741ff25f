namespace Axis.Hub.Errors;

/// <summary>9000–9999: the hub itself.</summary>
public static class HubErrors
{
    public static readonly HubError Internal = new(
        9001,
        StatusCodes.Status500InternalServerError,
        "internal",
        "The hub failed to handle the request. Nothing was accepted; send it again. Trace: {0}.",
        "Trục gặp lỗi khi xử lý yêu cầu. Chưa tiếp nhận gì; hãy gửi lại. Mã theo dõi: {0}."
    );

    public static readonly HubError Busy = new(
        9002,
        StatusCodes.Status503ServiceUnavailable,
        "busy",
        "The hub takes no more packages at the moment. Nothing was accepted; send it again after {0} s.",
        "Trục tạm thời chưa nhận thêm gói tin. Chưa tiếp nhận gì; hãy gửi lại sau {0} giây."
    );

    public static IReadOnlyList<HubError> All { get; } = [Internal, Busy];
}
