using System.Globalization;
using Axis.Hub.Deadlines;

namespace Axis.TestKit;

/// <summary>A letter of the synthetic province, as its author knows it.</summary>
/// <param name="EnvelopeSigned">The envelope signature is valid.</param>
public sealed record SyntheticLetter(
    Guid Id,
    int Number,
    int Sender,
    DateTimeOffset At,
    DateOnly? Promulgated,
    bool EnvelopeSigned,
    bool DocumentSigned,
    bool? Paper,
    DateOnly? Due,
    IReadOnlyList<SyntheticDelivery> Deliveries
)
{
    /// <summary>BussinessDocType: 0 new, 1 recall, 2 update, 3 replacement.</summary>
    public int Business { get; init; }
}

/// <summary>When and how a completion clock stopped.</summary>
public sealed record SyntheticEnd(DateTimeOffset At, string Outcome);

/// <summary>What became of it at one recipient.</summary>
/// <param name="State">The hub's part; <paramref name="Work"/> the recipient's.</param>
/// <param name="Dialogue">The sender's question: a recall or an update, open or answered, or a replacement.</param>
/// <param name="Settled">When the completion clock stopped, if there is one, and how.</param>
public sealed record SyntheticDelivery(
    Guid Id,
    int Recipient,
    string State,
    string? Work,
    string? Dialogue,
    IReadOnlyList<SyntheticAct> Acts,
    DateTimeOffset? DueAt,
    SyntheticEnd? Settled
)
{
    /// <summary>Of the copy of an update: the delivery of the letter that it updates.</summary>
    public Guid? About { get; init; }
}

/// <summary>A line of history.</summary>
public sealed record SyntheticAct(
    Guid Id,
    DateTimeOffset At,
    string What,
    string? Status,
    string? Outcome,
    string? Detail
);

/// <summary>
/// A month of a province that does not exist: office hours, holidays, evenings, communes that receive and rarely send,
/// skipped and repeated states, lateness, refusals, recalls, updates, replacements, mistyped dates, letters that nobody
/// takes. The same seed gives the same month. Its letters are the ledger that reports are checked against; nothing of a
/// report is reckoned here.
/// </summary>
public sealed partial class SyntheticMonth
{
    private static readonly string[] s_reasons =
    [
        "Sai thẩm quyền giải quyết",
        "Chữ ký số không hợp lệ",
        "Thiếu tệp đính kèm",
        "Gửi nhầm cơ quan",
        "Văn bản không đúng thể thức",
        "Tệp không mở được, đề nghị gửi lại",
    ];

    private readonly Random _random;
    private readonly WorkingTime _time;
    private readonly DateTimeOffset _end;
    private long _ids;

    private SyntheticMonth(int seed, DateOnly month, int agencies, WorkingTime time)
    {
        (Seed, Month, Agencies, _time) = (seed, month, agencies, time);
        _random = new Random(seed);
        _end = WorkingTime.At(month.AddMonths(1), TimeOnly.MinValue);
        AsOf = WorkingTime.At(month.AddMonths(1).AddDays(20), new TimeOnly(9, 0));
    }

    public int Seed { get; }
    public DateOnly Month { get; }
    public int Agencies { get; }

    /// <summary>Nothing happens after it: the day on which the month is reported.</summary>
    public DateTimeOffset AsOf { get; }

    public IReadOnlyList<SyntheticLetter> Letters { get; private set; } = [];

    public static string CodeOf(int agency) =>
        string.Create(CultureInfo.InvariantCulture, $"H77.{agency + 1}");

    public static string NameOf(int agency) => $"Cơ quan thử nghiệm số {agency + 1}";

    /// <param name="deliveries">
    /// Of letters and replacements, and to those whom an update adds. Copies of updates, and recalls, come on top.
    /// </param>
    public static SyntheticMonth Of(
        int seed,
        DateOnly month,
        int agencies,
        int deliveries,
        WorkingTime time
    )
    {
        var made = new SyntheticMonth(seed, month, agencies, time);
        var letters = new List<SyntheticLetter>();
        var left = deliveries;
        while (left > 0)
        {
            var letter = made.Letter(letters.Count + 1, left);
            left -= letter.Deliveries.Count;
            var (changed, act) = made.WithAct(letter, letters.Count + 2, left);
            letters.Add(changed);
            if (act is not null)
            {
                letters.Add(act);
                left -= act.Business == 1 ? 0 : act.Deliveries.Count(one => one.About is null);
            }
        }
        made.Letters = letters;
        return made;
    }

    private SyntheticLetter Letter(int number, int most)
    {
        // A twentieth of the agencies write most letters.
        var sender =
            _random.NextDouble() < 0.7 ? _random.Next(1 + Agencies / 20) : _random.Next(Agencies);
        var at = Sending();
        var fan = Math.Min(
            most,
            Math.Min(Agencies - 1, _random.NextDouble() < 0.03 ? Agencies / 3 : 1 + Skewed(4))
        );
        var due =
            _random.NextDouble() < 0.2
                ? WorkingTime.DayOf(at).AddDays(2 + _random.Next(14))
                : (DateOnly?)null;
        var recipients = new HashSet<int>();
        while (recipients.Count < fan)
        {
            var recipient = _random.Next(Agencies);
            if (recipient != sender)
            {
                recipients.Add(recipient);
            }
        }
        return Letter(number, sender, at, due, recipients);
    }

    private SyntheticLetter Letter(
        int number,
        int sender,
        DateTimeOffset at,
        DateOnly? due,
        IEnumerable<int> recipients
    ) =>
        new(
            Next(at),
            number,
            sender,
            at,
            Promulgated(at),
            _random.NextDouble() < 0.68,
            _random.NextDouble() < 0.4,
            _random.NextDouble() switch
            {
                < 0.72 => false,
                < 0.97 => true,
                _ => null,
            },
            due,
            [.. recipients.Select(recipient => Delivery(recipient, at, due))]
        );

    private SyntheticDelivery Delivery(int recipient, DateTimeOffset at, DateOnly? due)
    {
        var id = Next(at);
        var acts = new List<SyntheticAct> { Act(at, "accepted") };
        DateTimeOffset? dueAt = due is { } day ? _time.EndOf(day) : null;
        switch (_random.NextDouble())
        {
            case < 0.02:
                return Made("dispatched", null, null, null);
            case < 0.023:
                return Ended("expired", at.AddDays(15));
            case < 0.028:
                return Ended("withdrawn", Later(at, 2));
        }
        var taken = Later(at, 3);
        if (taken >= AsOf)
        {
            return Made("dispatched", null, null, null);
        }
        acts.Add(Act(taken, "collected"));
        var (work, now) = ((string?)null, taken);
        if (_random.NextDouble() < 0.015)
        {
            now = Later(now, 4);
            return Report("02", s_reasons[Skewed(2) % s_reasons.Length])
                ? Made("collected", "02", null, new(now, "void"))
                : Made("collected", null, null, null);
        }
        // Offices skip what they do not use, and some never go on.
        foreach (
            var (code, chance, hours) in ((string, double, double)[])
                [
                    ("01", 0.8, 0.3),
                    ("03", 0.95, 3),
                    ("04", 0.6, 5),
                    ("05", 0.7, 6),
                    ("06", 0.75, 24),
                ]
        )
        {
            if (_random.NextDouble() >= chance)
            {
                continue;
            }
            now = Later(now, hours);
            if (!Report(code, "Văn thư báo"))
            {
                break;
            }
            work = code;
            if (code == "05")
            {
                for (var again = _random.Next(4); again > 1; again--)
                {
                    now = Later(now, 4);
                    Report("05", "Vẫn đang xử lý");
                }
            }
            else if (_random.NextDouble() < 0.05)
            {
                Report(code, "Gửi lại", "repeated");
            }
        }
        if (work == "06")
        {
            var done = acts.Last(act => act is { Status: "06", Outcome: "applied" }).At;
            if (_random.NextDouble() < 0.03)
            {
                now = Later(now, 2);
                Report("05", "Đến muộn", "late");
            }
            return Made("collected", work, null, new(done, done <= dueAt ? "met" : "missed"));
        }
        if (work is not null && _random.NextDouble() < 0.04)
        {
            now = Later(now, 8);
            if (Report("13", "Xin lấy lại"))
            {
                now = Later(now, 8);
                return _random.NextDouble() < 0.6 && Report("15", "Đã hủy")
                    ? Made("collected", work, "recall_agreed", new(now, "void"))
                    : Made("collected", work, "recall_asked", null);
            }
        }
        return Made("collected", work, null, null);

        bool Report(string code, string detail, string outcome = "applied")
        {
            if (now >= AsOf)
            {
                return false;
            }
            acts.Add(Act(now, "status", code, outcome, detail));
            return true;
        }

        SyntheticDelivery Ended(string state, DateTimeOffset when)
        {
            if (when >= AsOf)
            {
                return Made("dispatched", null, null, null);
            }
            acts.Add(Act(when, state));
            return Made(state, null, null, new(when, "void"));
        }

        SyntheticDelivery Made(
            string state,
            string? reached,
            string? dialogue,
            SyntheticEnd? settled
        ) =>
            new(
                id,
                recipient,
                state,
                reached,
                dialogue,
                acts,
                dueAt,
                dueAt is null ? null : settled
            );
    }

    /// <summary>Mostly in office hours of working days, more in the morning; some in the evening, at night, on days off.</summary>
    private DateTimeOffset Sending()
    {
        while (true)
        {
            var day = Month.AddDays(_random.Next(DateTime.DaysInMonth(Month.Year, Month.Month)));
            var odd = _random.NextDouble() < 0.08;
            if (!odd && !_time.IsWorkingDay(day))
            {
                continue;
            }
            var minute = odd
                ? _random.Next(24 * 60)
                : (
                    _random.NextDouble() < 0.6
                        ? 7 * 60 + 30 + _random.Next(240)
                        : 13 * 60 + _random.Next(240)
                );
            return WorkingTime.At(day, TimeOnly.MinValue).AddMinutes(minute);
        }
    }

    private DateOnly? Promulgated(DateTimeOffset at) =>
        _random.NextDouble() switch
        {
            < 0.7 => WorkingTime.DayOf(at),
            < 0.85 => WorkingTime.DayOf(at).AddDays(-1),
            < 0.97 => WorkingTime.DayOf(at).AddDays(-1 - _random.Next(10)),
            // The year is mistyped.
            < 0.98 => WorkingTime.DayOf(at).AddYears(-1 - _random.Next(20)),
            < 0.985 => WorkingTime.DayOf(at).AddYears(1 + _random.Next(50)),
            _ => null,
        };

    /// <summary>So many hours of working time later on average, many soon and a few late; on the minute.</summary>
    private DateTimeOffset Later(DateTimeOffset from, double hours)
    {
        var minutes = Math.Ceiling(-Math.Log(1 - _random.NextDouble()) * hours * 60);
        // One in ten works when the office is closed.
        return _random.NextDouble() < 0.1
            ? from.AddMinutes(minutes)
            : _time.Add(from, TimeSpan.FromMinutes(minutes));
    }

    private int Skewed(double mean) => (int)(-Math.Log(1 - _random.NextDouble()) * mean);

    private SyntheticAct Act(
        DateTimeOffset at,
        string what,
        string? status = null,
        string? outcome = null,
        string? detail = null
    ) => new(Next(at), at, what, status, outcome, detail);

    /// <summary>A UUIDv7 of that instant, the same for the same seed.</summary>
    private Guid Next(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(
            bytes,
            at.ToUnixTimeMilliseconds() << 16 | 0x7000
        );
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes[8..], ++_ids | 1L << 63);
        return new Guid(bytes, bigEndian: true);
    }
}
