using Axis.Hub.Notices;

namespace Axis.Hub.Tests.Notices;

/// <summary>When a notice is due, and how it reads: the pure parts.</summary>
public sealed class NoticeScheduleTests
{
    [TestCase(NoticeMode.Immediate, false, "10:00", "10:00")]
    [TestCase(NoticeMode.Immediate, false, "22:30", "06:00 next")]
    [TestCase(NoticeMode.Immediate, false, "05:59", "06:00")]
    [TestCase(NoticeMode.Immediate, false, "06:00", "06:00")]
    [TestCase(NoticeMode.Immediate, true, "22:30", "22:30")]
    [TestCase(NoticeMode.Digest, false, "07:00", "07:30")]
    [TestCase(NoticeMode.Digest, false, "07:30", "13:30")]
    [TestCase(NoticeMode.Digest, false, "14:00", "07:30 next")]
    [TestCase(NoticeMode.Digest, true, "14:00", "14:00")]
    public void A_notice_is_due_by_mode_urgency_and_hour(
        NoticeMode mode,
        bool urgent,
        string now,
        string due
    )
    {
        var schedule = new NoticeSchedule(
            [new TimeOnly(7, 30), new TimeOnly(13, 30)],
            (new TimeOnly(22, 0), new TimeOnly(6, 0))
        );

        Assert.That(
            schedule.DueAt(mode, urgent, At(now)),
            Is.EqualTo(
                At(due.Split(' ')[0])
                    .AddDays(due.EndsWith("next", StringComparison.Ordinal) ? 1 : 0)
            )
        );
    }

    [Test]
    public void A_digest_that_falls_into_quiet_hours_waits_for_their_end() =>
        Assert.That(
            new NoticeSchedule(
                [new TimeOnly(12, 0)],
                (new TimeOnly(11, 30), new TimeOnly(13, 0))
            ).DueAt(NoticeMode.Digest, false, At("08:00")),
            Is.EqualTo(At("13:00"))
        );

    [Test]
    public void Many_letters_are_one_message_that_says_how_many_it_leaves_out()
    {
        var letters = Enumerable
            .Range(1, 5)
            .Select(n => new NoticeDetail(
                Number: $"{n}/UBND-VP",
                Subject: "V/v họp",
                Sender: "Sở Nội vụ",
                Recipient: "UBND xã",
                Priority: n == 2 ? 2 : 0,
                ReceivedAt: At("09:00")
            ))
            .ToArray();

        var message = NoticeText.Of(NoticeKinds.Arrival, "UBND xã Bình Minh", letters, 3);

        Assert.That(message.Subject, Is.EqualTo("[Trục liên thông] [THƯỢNG KHẨN] 5 văn bản đến"));
        Assert.That(message.Body, Does.StartWith("Kính gửi UBND xã Bình Minh,"));
        Assert.That(message.Body, Does.Contain("3. 3/UBND-VP: V/v họp"));
        Assert.That(message.Body, Does.Contain("09:00 ngày 20/11/2026"));
        Assert.That(message.Body, Does.Not.Contain("4/UBND-VP"));
        Assert.That(message.Body, Does.Contain("… và 2 văn bản khác."));
    }

    private static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse(
            $"2026-11-20T{time}:00+07:00",
            System.Globalization.CultureInfo.InvariantCulture
        );
}
