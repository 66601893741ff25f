using System.Globalization;
using System.Text;

namespace Axis.Hub.Notices;

/// <summary>A message to people.</summary>
public sealed record NoticeMessage(string Subject, string Body);

/// <summary>The words of notices, in Vietnamese; pure. Several of a kind are one message.</summary>
public static class NoticeText
{
    private const string Sign = "[Trục liên thông]";

    private static readonly string[] s_priorities =
    [
        "Thường",
        "Khẩn",
        "Thượng khẩn",
        "Hỏa tốc",
        "Hỏa tốc hẹn giờ",
    ];

    /// <summary>Says that mail reaches the clerks of an agency, and nothing else.</summary>
    public static NoticeMessage Test(string agency) =>
        new(
            $"{Sign} Thư kiểm tra",
            $"""
            Kính gửi {agency},

            Đây là thư kiểm tra: địa chỉ này sẽ nhận thông báo về văn bản đến của cơ quan.
            Nếu quý cơ quan không dùng địa chỉ này, xin báo cho trung tâm công nghệ thông tin.

            Thư này do trục liên thông văn bản gửi tự động, vui lòng không trả lời.

            """
        );

    /// <param name="agency">Name of the agency; null for the IT centre.</param>
    public static NoticeMessage Of(
        string kind,
        string? agency,
        IReadOnlyList<NoticeDetail> details,
        int most
    )
    {
        var body = new StringBuilder();
        body.Append(
            CultureInfo.InvariantCulture,
            $"Kính gửi {agency ?? "bộ phận vận hành trục liên thông"},\n\n"
        );
        var subject = kind switch
        {
            NoticeKinds.Arrival => Letters("văn bản đến", "Các văn bản sau đã đến cơ quan:"),
            NoticeKinds.Delay => Letters(
                "văn bản chưa được tiếp nhận",
                "Các văn bản sau đã quá thời gian mà bên nhận chưa tiếp nhận:"
            ),
            NoticeKinds.Trouble => Inboxes(
                "Hộp nhận gặp sự cố",
                "Văn bản tạm thời không chuyển được vào hộp nhận của các phần mềm sau; trục tiếp tục gửi lại, không văn bản nào bị mất:"
            ),
            _ => Inboxes(
                "Hộp nhận đã hoạt động trở lại",
                "Văn bản lại được chuyển bình thường vào hộp nhận của các phần mềm sau:"
            ),
        };
        body.Append("\nThư này do trục liên thông văn bản gửi tự động, vui lòng không trả lời.\n");
        return new NoticeMessage(subject, body.ToString());

        string Letters(string what, string lead)
        {
            body.Append(lead).Append("\n\n");
            for (var i = 0; i < Math.Min(details.Count, most); i++)
            {
                Letter(i + 1, details[i]);
            }
            if (details.Count > most)
            {
                body.Append(
                    CultureInfo.InvariantCulture,
                    $"… và {details.Count - most} văn bản khác.\n"
                );
            }
            var urgent = details.Max(one => one.Priority);
            var mark = urgent > 0 ? $" [{NameOf(urgent).ToUpperInvariant()}]" : "";
            return details.Count == 1
                ? $"{Sign}{mark} {Capital(what)}: {details[0].Number}"
                : $"{Sign}{mark} {details.Count.ToString(CultureInfo.InvariantCulture)} {what}";
        }

        void Letter(int n, NoticeDetail one)
        {
            body.Append(CultureInfo.InvariantCulture, $"{n}. {one.Number}: {one.Subject}\n");
            body.Append(CultureInfo.InvariantCulture, $"   Nơi gửi: {one.Sender}\n");
            body.Append(CultureInfo.InvariantCulture, $"   Nơi nhận: {one.Recipient}\n");
            body.Append(
                CultureInfo.InvariantCulture,
                $"   Đến trục lúc: {TimeOf(one.ReceivedAt)}; độ khẩn: {NameOf(one.Priority)}\n"
            );
        }

        string Inboxes(string what, string lead)
        {
            body.Append(lead).Append("\n\n");
            foreach (var one in details)
            {
                body.Append(
                    CultureInfo.InvariantCulture,
                    $"- {one.Inbox} (từ {TimeOf(one.Since)})\n"
                );
            }
            return $"{Sign} {what}: {string.Join(", ", details.Select(one => one.Inbox).Take(3))}";
        }
    }

    private static string NameOf(int priority) =>
        priority >= 0 && priority < s_priorities.Length ? s_priorities[priority] : s_priorities[0];

    private static string TimeOf(DateTimeOffset? at) =>
        at?.ToOffset(NoticeSchedule.Vietnam)
            .ToString("HH:mm 'ngày' dd/MM/yyyy", CultureInfo.InvariantCulture)
        ?? "";

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}
