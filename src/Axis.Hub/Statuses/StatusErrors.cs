using Axis.Hub.Errors;

namespace Axis.Hub.Statuses;

/// <summary>5100–5199: status reports.</summary>
public static class StatusErrors
{
    public static readonly HubError UnknownDocument = new(
        5101,
        StatusCodes.Status422UnprocessableEntity,
        "no-such-delivery",
        "No document {0} from {1} was delivered to {2}; ResponseFor must name a document this agency received.",
        "Không có văn bản {0} của {1} đã gửi tới {2}; ResponseFor phải chỉ đúng văn bản mà cơ quan này đã nhận."
    );

    public static readonly HubError AmbiguousDocument = new(
        5102,
        StatusCodes.Status422UnprocessableEntity,
        "ambiguous-document",
        "{0} documents match ResponseFor; give its DocumentId.",
        "Có {0} văn bản khớp với ResponseFor; hãy ghi rõ DocumentId."
    );

    public static readonly HubError UnknownResponseOrgan = new(
        5103,
        StatusCodes.Status422UnprocessableEntity,
        "unknown-response-organ",
        "No agency has the identifier {0} named in ResponseFor.",
        "Không có cơ quan nào mang mã định danh {0} ghi trong ResponseFor."
    );

    public static readonly HubError AnswerWithoutTime = new(
        5104,
        StatusCodes.Status422UnprocessableEntity,
        "answer-without-time",
        "Delivery {1} has been asked more than once; an answer {0} to it must tell its own time.",
        "Lượt gửi {1} đã được hỏi nhiều lần; trả lời {0} phải ghi thời điểm trả lời."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [UnknownDocument, AmbiguousDocument, UnknownResponseOrgan, AnswerWithoutTime];
}
