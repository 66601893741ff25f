using Axis.Hub.Errors;

namespace Axis.Hub.Intake.Uploads;

/// <summary>6300–6399: resumable uploads.</summary>
public static class UploadErrors
{
    public static readonly HubError WrongVersion = new(
        6301,
        StatusCodes.Status412PreconditionFailed,
        "tus-version",
        "The header Tus-Resumable: {0} is needed.",
        "Cần tiêu đề Tus-Resumable: {0}."
    );

    public static readonly HubError WrongOffset = new(
        6302,
        StatusCodes.Status409Conflict,
        "wrong-offset",
        "The upload is at byte {0}; go on there.",
        "Tải lên đang ở byte {0}; hãy tiếp tục từ đó."
    );

    public static readonly HubError BeingWritten = new(
        6303,
        StatusCodes.Status423Locked,
        "being-written",
        "Another request writes to this upload; ask with HEAD when it has ended, and go on there.",
        "Một yêu cầu khác đang ghi vào lần tải lên này; hãy hỏi lại bằng HEAD khi yêu cầu đó kết thúc rồi tiếp tục."
    );

    public static readonly HubError TooMany = new(
        6304,
        StatusCodes.Status429TooManyRequests,
        "too-many-uploads",
        "The office system has {0} open uploads of {1} bytes; at most {2} of {3} bytes may be open. Finish or delete one.",
        "Phần mềm đang có {0} lần tải lên chưa xong, tổng {1} byte; được tối đa {2} lần, {3} byte. Hãy hoàn tất hoặc xóa bớt."
    );

    public static readonly HubError TooLong = new(
        6305,
        StatusCodes.Status413PayloadTooLarge,
        "beyond-length",
        "The upload was announced with {0} bytes, and more came. It is closed; begin another with the right length.",
        "Lần tải lên đã khai báo {0} byte nhưng nhận được nhiều hơn. Lần tải lên này đã đóng; hãy tạo lần khác với đúng độ dài."
    );

    public static readonly HubError Closed = new(
        6306,
        StatusCodes.Status409Conflict,
        "upload-closed",
        "The upload was submitted already ({0}); GET shows the answer.",
        "Lần tải lên đã được nộp ({0}); dùng GET để xem kết quả."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [WrongVersion, WrongOffset, BeingWritten, TooMany, TooLong, Closed];
}
