using Axis.Hub.Errors;

namespace Axis.Hub.Acts;

/// <summary>5210–5219: recall, update and replacement, and what is left of a delivery after them.</summary>
public static class ActErrors
{
    public static readonly HubError Withdrawn = new(
        5211,
        StatusCodes.Status410Gone,
        "withdrawn",
        "The sender has withdrawn delivery {0}: destroy what was taken of it.",
        "Bên gửi đã lấy lại lượt gửi {0}: hãy hủy phần đã nhận."
    );

    /// <summary>A warning: the package is passed on all the same.</summary>
    public static readonly HubError UnknownLetter = new(
        5212,
        StatusCodes.Status422UnprocessableEntity,
        "unknown-letter",
        "No letter {0} of this sender is known here; the package is passed on, and nothing else is changed by it.",
        "Trục không có văn bản {0} của bên gửi này; gói tin vẫn được chuyển, ngoài ra không thay đổi gì."
    );

    public static readonly HubError AmbiguousLetter = new(
        5213,
        StatusCodes.Status422UnprocessableEntity,
        "ambiguous-letter",
        "{0} letters match the one that is named; give its DocumentId in Bussiness/DocumentId.",
        "Có {0} văn bản khớp với văn bản được nêu; hãy ghi rõ DocumentId trong Bussiness/DocumentId."
    );

    public static readonly HubError Replaced = new(
        5214,
        StatusCodes.Status410Gone,
        "replaced",
        "Delivery {0} was replaced by another letter before it was collected.",
        "Lượt gửi {0} đã được thay thế bằng văn bản khác trước khi được nhận."
    );

    public static readonly HubError Expired = new(
        5215,
        StatusCodes.Status410Gone,
        "expired",
        "Delivery {0} was not collected in time and has expired.",
        "Lượt gửi {0} không được nhận đúng hạn nên đã hết hiệu lực."
    );

    public static readonly HubError Recalled = new(
        5216,
        StatusCodes.Status410Gone,
        "recalled",
        "The recipient has confirmed that delivery {0} is destroyed.",
        "Bên nhận đã xác nhận hủy lượt gửi {0}."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [Withdrawn, UnknownLetter, AmbiguousLetter, Replaced, Expired, Recalled];

    /// <summary>Why a delivery cannot be taken or read any more; null when it can.</summary>
    public static ErrorItem? WhyGone(string state, string? dialogue, Guid deliveryId)
    {
        var id = deliveryId.ToString();
        return (state, dialogue) switch
        {
            ("withdrawn", _) => Withdrawn.At(null, id, id),
            ("replaced", _) => Replaced.At(null, id, id),
            ("expired", _) => Expired.At(null, id, id),
            (_, Statuses.Dialogues.RecallAgreed) => Recalled.At(null, id, id),
            _ => null,
        };
    }
}
