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
    private int _count;

    public MorningPlan(IReadOnlyList<DemoAgency> agencies, DemoCredentials credentials)
    {
        _agencies = agencies.ToDictionary(agency => agency.Code, StringComparer.Ordinal);
        _servedBy = credentials
            .OfficeSystems.SelectMany(system => system.Agencies.Select(code => (code, system)))
            .ToDictionary(pair => pair.code, pair => pair.system, StringComparer.Ordinal);
        Letters = [.. Write()];
        Recall = WriteRecall();
    }

    /// <summary>In the order in which they are sent.</summary>
    public IReadOnlyList<Letter> Letters { get; }

    /// <summary>Sent when <see cref="Recalled"/> has arrived everywhere.</summary>
    public Letter Recall { get; }

    public Letter Recalled => Letters.Single(letter => letter.DocumentId == Recall.DocumentId);

    public IEnumerable<Letter> All => Letters.Append(Recall);

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
            [To("H99.32", "01"), To("H99.46", "01"), To("H99.12", "01")]
        );
        yield return Plan(
            "H99.06",
            Door.Http,
            $"V/v bình ổn giá, {LetterPackages.BrokenMark}",
            [To("H99.05")],
            broken: true
        );
    }

    /// <summary>Same document id and recipients, business type 1; who received it agrees with 15.</summary>
    private Letter WriteRecall()
    {
        var letter = Letters.Single(l => l.Subject.Contains("sai sót", StringComparison.Ordinal));
        return new Letter
        {
            Number = letter.Number,
            Notation = letter.Notation,
            DocumentId = letter.DocumentId,
            From = letter.From,
            OfficeSystem = letter.OfficeSystem,
            Door = Door.Amqp,
            Subject = letter.Subject,
            Business = BusinessType.Recall,
            To = [.. letter.To.Select(to => new Addressee(to.Agency, to.Code, ["15"]))],
        };
    }

    private Addressee To(string code, params string[] reports) => To(code, false, reports);

    private Addressee To(string code, bool oldForm, params string[] reports)
    {
        var agency = _agencies[code];
        return new Addressee(
            agency,
            oldForm && agency.OldCode.Length > 0 ? agency.OldCode : code,
            reports
        );
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
        bool broken = false
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
        };
    }
}
