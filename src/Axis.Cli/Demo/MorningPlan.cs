using Axis.Cli.Local;
using Axis.Cli.Terminal;
using Axis.EdXml;

namespace Axis.Cli.Demo;

/// <summary>
/// A morning of the made-up province An Giao. Numbers begin with the time, so that the demo can be repeated on one hub.
/// </summary>
internal sealed class MorningPlan
{
    private readonly Dictionary<string, DemoAgency> _agencies;
    private readonly Dictionary<string, DemoOfficeSystem> _servedBy;
    private readonly DateTimeOffset _now = Format.Now;
    private readonly bool _isConnected;
    private int _count;

    /// <param name="isConnected">There is a national axis, and what is for it goes out.</param>
    public MorningPlan(
        IReadOnlyList<DemoAgency> agencies,
        DemoCredentials credentials,
        bool isConnected
    )
    {
        _isConnected = isConnected;
        _agencies = agencies.ToDictionary(agency => agency.Code, StringComparer.Ordinal);
        _servedBy = credentials
            .OfficeSystems.SelectMany(system => system.Agencies.Select(code => (code, system)))
            .ToDictionary(pair => pair.code, pair => pair.system, StringComparer.Ordinal);
        Letters = [.. Write()];
        Acts = [.. WriteActs()];
        FromFar = isConnected ? [To("H99.05", "01", "03"), To("H99.31", "01", "03")] : [];
    }

    /// <summary>In the order in which they are sent.</summary>
    public IReadOnlyList<Letter> Letters { get; }

    /// <summary>Recall, update and replacement, each sent when its letter has arrived everywhere.</summary>
    public IReadOnlyList<Letter> Acts { get; }

    /// <summary>Whom another province writes to, when there is a way for it.</summary>
    public IReadOnlyList<Addressee> FromFar { get; }

    public IEnumerable<Letter> All => Letters.Concat(Acts);

    private IEnumerable<Letter> Write()
    {
        yield return Plan(
            "H99",
            Door.Amqp,
            "V/v giao dự toán ngân sách năm 2027",
            [To("H99.05", "01", "03", "04", "05", "06"), To("H99.12", "01", "03")]
        );
        yield return Plan(
            "H99.01",
            Door.Amqp,
            "Hoả tốc: ứng phó áp thấp nhiệt đới trên sông Giao",
            [
                To("H99.07", "01", "03", "05", "06"),
                To("H99.08", "01", "03"),
                To("H99.31", "01", "03", "05", "06"),
            ],
            priority: 3
        );
        yield return Plan(
            "H99.05",
            Door.Http,
            "Báo cáo thu, chi ngân sách, kèm phụ lục",
            [To("H99", "01", "03"), To("H99.12.01", "01")],
            typeName: "Báo cáo",
            attachments:
            [
                LetterPackages.Pdf("Bao cao.pdf", 280_000),
                LetterPackages.Pdf("Phu luc 1.pdf", 120_000),
                LetterPackages.Word("Phu luc 2.docx", "Phụ lục 2: thuyết minh số liệu"),
            ]
        );
        var communes = _agencies.Values.Where(agency => agency.Kind is "commune" or "ward");
        yield return Plan(
            "H99.07",
            Door.Http,
            "V/v lấy mẫu nước trước mùa khô",
            // Some senders still write the old form of a code.
            [.. communes.Select((agency, i) => To(agency.Code, i % 2 == 0, "01", "03"))]
        );
        yield return Plan(
            "H99.01",
            Door.Http,
            "V/v đề nghị cho ý kiến về đề án chuyển đổi số",
            [To("G22", true), To("G12"), To("H99.02", "01", "02")],
            typeName: "Tờ trình"
        );
        yield return Plan(
            "H99.31",
            Door.Amqp,
            "V/v xin bổ sung biên chế viên chức",
            [To("H99.02", "01", "03", "04", "05", "06")]
        );
        yield return Plan(
            "H99.12",
            Door.Http,
            "Giấy mời họp giao ban ngành y tế",
            [To("H99", "01", "03"), To("H99.45", "01")],
            typeName: "Giấy mời",
            signed: false
        );
        yield return Plan(
            "H99.03",
            Door.Http,
            "V/v góp ý dự thảo quyết định (bản có sai sót)",
            [To("H99.32", "01"), To("H99.46", "01"), LeftBy("H99.12"), To("G12")]
        );
        yield return Plan(
            "H99.02",
            Door.Amqp,
            "V/v lịch tiếp công dân quý I (sẽ cập nhật)",
            [To("H99.32", "01", "03"), To("H99.05", "01")]
        );
        yield return Plan(
            "H99.01",
            Door.Http,
            "V/v phân bổ chỉ tiêu đào tạo (sẽ thay thế)",
            [To("H99.31", "01", "03"), To("H99.07", "01")]
        );
        yield return Plan(
            "H99.06",
            Door.Http,
            $"V/v bình ổn giá, {LetterPackages.BrokenMark}",
            [To("H99.05")],
            broken: true
        );
    }

    private IEnumerable<Letter> WriteActs()
    {
        var recalled = About("sai sót");
        foreach (var to in recalled.To)
        {
            // Whoever has it destroys it and says so; what nobody took yet is withdrawn at once, from an inbox or on the
            // way to the national axis. An office of another province may also refuse to give it back.
            to.EndsAs =
                to.IsHeld || to.LeavesIt ? "withdrawn"
                : to.IsReached ? null
                : "recalled";
            to.Hears =
                to.IsFar ? []
                : to.LeavesIt ? ["vn.axis.delivery.withdrawn"]
                : ["vn.axis.recall.asked"];
        }
        yield return Act(
            recalled,
            BusinessType.Recall,
            Door.Amqp,
            [.. recalled.To.Where(to => to.EndsAs != "withdrawn").Select(to => To(to.Code, "15"))],
            also: [.. recalled.To.Where(to => to.EndsAs == "withdrawn")]
        );

        var updated = About("sẽ cập nhật");
        var (kept, removed) = (updated.To[0], updated.To[1]);
        kept.EndsAs = "received";
        removed.EndsAs = "recall_asked";
        kept.Hears = ["vn.axis.update.asked"];
        removed.Hears = ["vn.axis.recall.asked"];
        yield return Act(
            updated,
            BusinessType.Update,
            Door.Http,
            [To(kept.Code, "15"), To("H99.46", "01", "03")],
            removed: [removed.Code]
        );

        var replaced = About("sẽ thay thế");
        foreach (var to in replaced.To)
        {
            to.EndsAs = "replaced";
            to.Hears = ["vn.axis.delivery.replaced"];
        }
        yield return Plan(
            replaced.From.Code,
            Door.Amqp,
            "V/v phân bổ chỉ tiêu đào tạo (thay thế)",
            [To("H99.31", "01", "03"), To("H99.07", "01")],
            replaces: replaced
        );
    }

    private Letter About(string mark) =>
        Letters.Single(l => l.Subject.Contains(mark, StringComparison.Ordinal));

    /// <summary>Same document id and number, another business type.</summary>
    /// <param name="also">Recipients named that get nothing, because the letter is withdrawn from them.</param>
    private static Letter Act(
        Letter about,
        BusinessType business,
        Door door,
        IReadOnlyList<Addressee> to,
        IReadOnlyList<Addressee>? also = null,
        IReadOnlyList<string>? removed = null
    ) =>
        new()
        {
            Number = about.Number,
            Notation = about.Notation,
            DocumentId = about.DocumentId,
            From = about.From,
            OfficeSystem = about.OfficeSystem,
            Door = door,
            Subject = about.Subject,
            Business = business,
            About = about,
            Removed = removed ?? [],
            Named = also ?? [],
            To = to,
        };

    private Addressee To(string code, params string[] reports) => To(code, false, reports);

    private Addressee LeftBy(string code) => To(code) with { LeavesIt = true };

    private Addressee To(string code, bool oldForm, params string[] reports)
    {
        var agency = _agencies[code];
        var isReached = _isConnected && !agency.IsInProvince;
        return new Addressee(
            agency,
            oldForm && agency.OldCode.Length > 0 ? agency.OldCode : code,
            // Whichever of them comes first: a letter is taken or refused, given back or not.
            isReached
                ? reports is ["15"]
                    ? ["15", "16"]
                    : ["02", "03"]
                : reports
        )
        {
            IsReached = isReached,
            OfficeSystem = _servedBy.GetValueOrDefault(code)?.Id,
        };
    }

    private Letter Plan(
        string from,
        Door door,
        string subject,
        IReadOnlyList<Addressee> to,
        string typeName = "Công văn",
        int priority = 0,
        IReadOnlyList<AttachmentDraft>? attachments = null,
        bool signed = true,
        bool broken = false,
        Letter? replaces = null
    )
    {
        var number = $"{_now:HHmmss}{++_count:00}";
        var notation =
            from == "H99" ? "UBND-TH" : $"{from[(from.IndexOf('.') + 1)..].Replace('.', '-')}-VT";
        return new Letter
        {
            Number = number,
            Notation = notation,
            DocumentId = $"{from},{_now:yyyy/MM/dd},{number}/{notation}",
            From = _agencies[from],
            OfficeSystem = _servedBy[from].Id,
            Door = door,
            Subject = subject,
            To = to,
            TypeName = typeName,
            Priority = priority,
            Attachments = attachments ?? [],
            Signed = signed,
            Broken = broken,
            Business = replaces is null ? BusinessType.New : BusinessType.Replace,
            About = replaces,
        };
    }
}
