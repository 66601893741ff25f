using System.Text.Json;
using Axis.TestKit;
using static Axis.Hub.Tests.Reports.PrintedMonth;

namespace Axis.Hub.Tests.Reports;

/// <summary>The printed page has the figures of the report, each in the line that names it.</summary>
public sealed partial class MonthReportTests
{
    /// <summary>Line by line of the first table: a figure of the report, and what it is a part of.</summary>
    private static readonly (string Line, string Figure, string? Of)[] s_lines =
    [
        ("Văn bản", "letters.count", null),
        ("Lượt gửi đến từng nơi nhận", "deliveries.count", null),
        ("Ký số hợp lệ", "letters.envelopeSigned", "letters.count"),
        ("Tệp đính kèm ký số hợp lệ", "letters.documentSigned", "letters.count"),
        ("Chỉ gửi điện tử", "letters.electronic", "letters.count"),
        ("Kèm văn bản giấy", "letters.withPaper", "letters.count"),
        ("Đúng hạn gửi", "letters.onTime", "letters.onTime+letters.late"),
        ("Đã tiếp nhận", "deliveries.received", "deliveries.count"),
        ("Đã hoàn thành", "deliveries.done", "deliveries.count"),
        ("Từ chối tiếp nhận", "deliveries.refused", "deliveries.count"),
        ("Chưa nhận về", "deliveries.notTaken", "deliveries.count"),
        ("Thu hồi, thay thế", "deliveries.withdrawn", "deliveries.count"),
        ("Có thời hạn xử lý", "deadlines.count", null),
        ("Hoàn thành đúng hạn", "deadlines.met", "deadlines.count"),
        ("Quá hạn", "deadlines.overdue", "deadlines.count"),
    ];

    /// <summary>Only in JSON and CSV, for want of room; whoever adds a figure decides whether it is printed.</summary>
    private static readonly string[] s_notPrinted =
    [
        "letters.paperUnsaid",
        "letters.late",
        "letters.undated",
        "deadlines.missed",
        "deadlines.running",
    ];

    private static readonly (string Line, string State)[] s_states =
    [
        ("Phần mềm nhận về", "collected"),
        ("Đã đến", "arrived"),
        ("Đã tiếp nhận", "received"),
        ("Phân công xử lý", "assigned"),
        ("Đang xử lý", "processing"),
        ("Đã hoàn thành", "done"),
    ];

    [TestCase("")]
    [TestCase("&agency=H77.3")]
    public async Task As_a_page_it_has_the_figures_of_the_report(string more)
    {
        var report = await ReportAsync(_viewer, more);
        var page = await PrintedAsync(more);
        var shown =
            more.Length == 0
                ? [report.GetProperty("province")]
                : report.GetProperty("rows").EnumerateArray().ToArray();

        Assert.That(
            page.Tables[0].Skip(1),
            Is.EqualTo(
                s_lines.Select(line =>
                    shown
                        .Select(row =>
                            Figure(
                                At(row, line.Figure),
                                line.Of?.Split('+').Sum(path => At(row, path))
                            )
                        )
                        .Prepend(line.Line)
                        .ToArray()
                )
            )
        );
        var times = shown[^1].GetProperty("timeTo");
        Assert.That(
            page.Tables[1].Skip(1).OrderBy(row => row[0], StringComparer.Ordinal),
            Is.EqualTo(
                s_states
                    .Where(state => times.TryGetProperty(state.State, out _))
                    .OrderBy(state => state.Line, StringComparer.Ordinal)
                    .Select(state =>
                    {
                        var time = times.GetProperty(state.State);
                        return (string[])
                            [
                                state.Line,
                                Figure(time.GetProperty("count").GetInt32()),
                                Hours(time.GetProperty("median").GetDouble()),
                                Hours(time.GetProperty("p90").GetDouble()),
                            ];
                    })
            )
        );
        Assert.That(
            page.Tables[^1].Skip(1),
            Is.EqualTo(
                shown[^1]
                    .GetProperty("refusals")
                    .EnumerateArray()
                    .Take(5)
                    .Select(one =>
                        (string[])
                            [
                                one.GetProperty("reason").GetString()!,
                                Figure(one.GetProperty("count").GetInt32()),
                            ]
                    )
            )
        );
    }

    [Test]
    public async Task As_a_page_it_names_the_agencies_that_want_looking_at_with_their_figures()
    {
        var report = await ReportAsync(_viewer);
        var page = await PrintedAsync("");

        var worst = report
            .GetProperty("rows")
            .EnumerateArray()
            .Where(row => row.GetProperty("direction").GetString() == "received")
            .OrderByDescending(row => At(row, "deadlines.overdue") + At(row, "deliveries.notTaken"))
            .ThenBy(row => row.GetProperty("agency").GetString(), StringComparer.Ordinal)
            .Take(10)
            .Select(row =>
            {
                var count = At(row, "deliveries.count");
                return (string[])
                    [
                        $"{row.GetProperty("agency").GetString()} {row.GetProperty("name").GetString()}",
                        Figure(count),
                        Figure(At(row, "deliveries.received"), count),
                        Figure(At(row, "deliveries.done"), count),
                        Figure(At(row, "deliveries.refused")),
                        Figure(At(row, "deliveries.notTaken")),
                        Figure(At(row, "deadlines.overdue")),
                    ];
            });
        Assert.That(page.Tables[2].Skip(1), Is.EqualTo(worst));
    }

    [Test]
    public async Task Of_every_figure_of_the_report_it_is_decided_whether_it_is_printed()
    {
        var province = (await ReportAsync(_viewer)).GetProperty("province");

        Assert.That(
            s_lines
                .SelectMany(line => (string[])[line.Figure, .. line.Of?.Split('+') ?? []])
                .Concat(s_notPrinted)
                .Distinct(),
            Is.EquivalentTo(
                ((string[])["letters", "deliveries", "deadlines"]).SelectMany(group =>
                    province
                        .GetProperty(group)
                        .EnumerateObject()
                        .Select(figure => $"{group}.{figure.Name}")
                )
            )
        );
    }

    private async Task<PrintedMonth> PrintedAsync(string more) =>
        Read(
            (
                await _viewer.GetAnswerAsync(
                    $"ops/v1/reports/month?month=2026-08&format=html{more}"
                )
            ).Text
        );

    private static int At(JsonElement row, string path)
    {
        var names = path.Split('.');
        return row.GetProperty(names[0]).GetProperty(names[1]).GetInt32();
    }
}
