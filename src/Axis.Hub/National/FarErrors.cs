using Axis.Hub.Errors;

namespace Axis.Hub.National;

/// <summary>3300–3399: what came from another axis and could not be brought in.</summary>
public static class FarErrors
{
    public static readonly HubError NotHandedOut = new(
        3301,
        StatusCodes.Status502BadGateway,
        "far-item-not-handed-out",
        "{0} has {1} on its list and does not hand out a package for it: {2}. Ask the sender for it again, or try again.",
        "{0} liệt kê {1} nhưng không giao được gói tin: {2}. Hãy đề nghị bên gửi gửi lại, hoặc thử lại."
    );

    public static readonly HubError NotTakenIn = new(
        3302,
        StatusCodes.Status500InternalServerError,
        "far-item-not-taken-in",
        "The hub failed to take in {1} of {0} ({2}). Its bytes are kept; try again when the cause is mended.",
        "Trục gặp lỗi khi tiếp nhận {1} của {0} ({2}). Gói tin được giữ nguyên; hãy thử lại khi đã khắc phục."
    );

    public static readonly HubError TakenBack = new(
        3303,
        StatusCodes.Status409Conflict,
        "far-item-taken-back",
        "The sender has taken {0} back; it is brought to nobody any more. Settle it.",
        "Bên gửi đã thu hồi {0}; văn bản không được giao cho ai nữa. Hãy đóng mục này."
    );

    public static readonly HubError NothingToBring = new(
        3304,
        StatusCodes.Status409Conflict,
        "far-item-nothing-to-bring",
        "{0} is a recall or an update, or its package has left the exchange; there is no letter to bring to those who were missing. Settle it.",
        "{0} là thu hồi hoặc cập nhật, hoặc gói tin không còn trên trục; không còn văn bản để giao cho bên nhận còn thiếu. Hãy đóng mục này."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [NotHandedOut, NotTakenIn, TakenBack, NothingToBring];
}
