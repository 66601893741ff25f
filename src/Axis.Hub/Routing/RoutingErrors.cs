using Axis.Hub.Errors;

namespace Axis.Hub.Routing;

/// <summary>3000–3999: recipients and routing.</summary>
public static class RoutingErrors
{
    public static readonly HubError UnknownRecipient = new(
        3001,
        StatusCodes.Status422UnprocessableEntity,
        "unknown-recipient",
        "No agency has the identifier {0}; a code of the catalogue was expected.",
        "Không có cơ quan nào mang mã định danh {0}; cần một mã trong danh mục."
    );

    public static readonly HubError ClosedRecipient = new(
        3002,
        StatusCodes.Status422UnprocessableEntity,
        "closed-recipient",
        "The agency {0} is closed, nobody took its place, and it receives no documents.",
        "Cơ quan {0} đã đóng mã, không có cơ quan kế thừa, không nhận văn bản."
    );

    public static readonly HubError LockedRecipient = new(
        3003,
        StatusCodes.Status422UnprocessableEntity,
        "locked-recipient",
        "The agency {0} is locked at present and receives no documents.",
        "Cơ quan {0} đang bị khoá, tạm thời không nhận văn bản."
    );

    public static readonly HubError NodeAsRecipient = new(
        3004,
        StatusCodes.Status422UnprocessableEntity,
        "node-as-recipient",
        "{0} is a node of the exchange, not an agency; name the agency itself.",
        "{0} là nút của trục liên thông, không phải cơ quan; hãy ghi mã của cơ quan nhận."
    );

    public static readonly HubError RecipientWithoutOfficeSystem = new(
        3005,
        StatusCodes.Status422UnprocessableEntity,
        "recipient-not-connected",
        "The agency {0} is not connected: no office system serves it.",
        "Cơ quan {0} chưa kết nối: chưa có phần mềm nào phục vụ cơ quan này."
    );

    public static readonly HubError DividedRecipient = new(
        3006,
        StatusCodes.Status422UnprocessableEntity,
        "divided-recipient",
        "The agency {0} is closed and was divided; address the one that is meant: {1}.",
        "Cơ quan {0} đã đóng mã và được chia tách; hãy gửi đúng cơ quan kế thừa: {1}."
    );

    public static readonly HubError NotOfThisProvince = new(
        3007,
        StatusCodes.Status422UnprocessableEntity,
        "not-of-this-province",
        "A package from another axis names no recipient that this hub serves.",
        "Gói tin từ trục khác không có nơi nhận nào thuộc trục này."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [
        UnknownRecipient,
        ClosedRecipient,
        LockedRecipient,
        NodeAsRecipient,
        RecipientWithoutOfficeSystem,
        DividedRecipient,
        NotOfThisProvince,
    ];
}
