namespace Axis.Hub.Errors;

/// <summary>9000–9999: the hub itself.</summary>
public static class HubErrors
{
    public static readonly HubError Internal = new(
        9001,
        StatusCodes.Status500InternalServerError,
        "internal",
        "The hub failed to handle the request; whether it took effect is not known. Send it again: a repeat is harmless. Trace: {0}.",
        "Trục gặp lỗi khi xử lý yêu cầu, chưa rõ đã có hiệu lực hay chưa. Hãy gửi lại: gửi trùng không gây hại. Mã theo dõi: {0}."
    );

    public static readonly HubError Busy = new(
        9002,
        StatusCodes.Status503ServiceUnavailable,
        "busy",
        "The hub takes no more packages at the moment. Nothing was accepted; send it again after {0} s.",
        "Trục tạm thời chưa nhận thêm gói tin. Chưa tiếp nhận gì; hãy gửi lại sau {0} giây."
    );

    public static readonly HubError Unavailable = new(
        9003,
        StatusCodes.Status503ServiceUnavailable,
        "unavailable",
        "The hub cannot reach its store at the moment; whether the request took effect is not known. "
            + "Send it again after {0} s: a repeat is harmless.",
        "Trục tạm thời không kết nối được kho dữ liệu, chưa rõ yêu cầu đã có hiệu lực hay chưa. "
            + "Hãy gửi lại sau {0} giây: gửi trùng không gây hại."
    );

    public static readonly HubError PayloadUnusable = new(
        9004,
        StatusCodes.Status500InternalServerError,
        "payload-unusable",
        "The package cannot be handed out ({0}). The IT centre sees it and has to restore it; what you have acknowledged is not affected.",
        "Không thể giao gói tin này ({0}). Trung tâm CNTT đã được cảnh báo và phải khôi phục; những gì đã xác nhận không bị ảnh hưởng."
    );

    public static readonly HubError SetAside = new(
        9005,
        StatusCodes.Status500InternalServerError,
        "set-aside",
        "The hub failed at this message {0} times and has set it aside; whether it took effect is not known. "
            + "The IT centre keeps it: ask there. Sending it again is harmless.",
        "Trục đã {0} lần xử lý thông điệp này không thành công và đã để riêng, chưa rõ đã có hiệu lực hay chưa. "
            + "Trung tâm CNTT đang giữ thông điệp, hãy liên hệ. Gửi lại không gây hại."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [Internal, Busy, Unavailable, PayloadUnusable, SetAside];
}
