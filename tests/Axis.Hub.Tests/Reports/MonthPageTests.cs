using System.Text.RegularExpressions;
using System.Xml.Linq;
using Axis.Hub.Reports;

namespace Axis.Hub.Tests.Reports;

/// <summary>The page of a month with every table full, with the longest names and with names that attack it.</summary>
public sealed class MonthPageTests
{
    private const string Longest =
        "Ban Quản lý dự án đầu tư xây dựng các công trình giao thông, nông nghiệp và phát triển nông thôn khu vực miền núi";

    private static readonly string[] s_attacks =
    [
        "<script>alert(1)</script>",
        "</td></tr></table></body><script src=//x.vn/a.js></script>",
        "<img src=x onerror=alert(1)>",
        "\" onmouseover=\"alert(1)",
        "' style='position:fixed",
        "&lt;script&gt;&#60;b&#62;&amp;",
        "]]><!-- --><?x ?>",
        "</style><style>@page{size:A3}</style>",
        "${7*7}{{7*7}}%00",
        "Sở Tài chính ‮gnort‬\u200b",
    ];

    [Test]
    public void With_every_table_full_it_is_one_A4()
    {
        var page = PrintedMonth.Read(MonthPage.Of(Province(Longest, agencies: 300, reasons: 40)));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(page.Style, Does.Match(@"@page \{ size: A4; margin: 10mm 15mm \}"));
            Assert.That(page.Style, Does.Contain("tr { break-inside: avoid }"));
            // A name of any length is one line of its table.
            Assert.That(
                page.Style,
                Does.Contain(".long td { white-space: nowrap }")
                    .And.Contain("table-layout: fixed")
                    .And.Contain("overflow: hidden; text-overflow: ellipsis")
            );
            Assert.That(
                page.Page.Descendants("table")
                    .Skip(2)
                    .Select(table => (string?)table.Attribute("class")),
                Has.All.StartsWith("long")
            );
            Assert.That(
                page.Tables.Select(table => table.Count),
                Is.EqualTo(new[] { 16, 7, 11, 6 }),
                "as many rows as were seen to fit, whatever the province has"
            );
            Assert.That(HeightOf(page), Is.LessThan(297 - 2 * 10));
        }
    }

    [Test]
    public void It_is_well_formed_rectangular_and_fetches_nothing()
    {
        var text = MonthPage.Of(Province(Longest, agencies: 30, reasons: 7));
        var page = PrintedMonth.Read(text);
        var html = page.Page.Root!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.StartWith("<!DOCTYPE html>"));
            Assert.That((string?)html.Attribute("lang"), Is.EqualTo("vi"));
            Assert.That(
                (string?)html.Element("head")!.Element("meta")!.Attribute("charset"),
                Is.EqualTo("utf-8")
            );
            Assert.That(
                html.DescendantsAndSelf().Select(one => one.Name.LocalName).Distinct(),
                Is.SubsetOf("html head meta title style body h1 h2 br p table tr th td".Split(' '))
            );
            Assert.That(
                html.DescendantsAndSelf().Attributes().Select(one => one.Name.LocalName).Distinct(),
                Is.SubsetOf("lang charset class".Split(' '))
            );
            Assert.That(page.Style, Does.Not.Contain("url(").And.Not.Contain("@import"));
            foreach (var table in page.Tables)
            {
                Assert.That(table.Select(row => row.Length).Distinct().Count(), Is.EqualTo(1));
            }
        }
    }

    [TestCaseSource(nameof(s_attacks))]
    public void A_name_and_a_reason_that_attack_are_shown_as_they_are_written(string attack)
    {
        var calm = PrintedMonth.Read(MonthPage.Of(Province("Sở", agencies: 12, reasons: 5)));
        foreach (
            var report in (MonthReport[])
                [
                    Province(attack, agencies: 12, reasons: 5),
                    One(Province(attack, agencies: 12, reasons: 5)),
                ]
        )
        {
            var html = MonthPage.Of(report);
            var page = PrintedMonth.Read(html);

            using (Assert.EnterMultipleScope())
            {
                Assert.That(
                    page.Page.Descendants().Where(one => one.Value.Contains(attack)),
                    Is.Not.Empty
                );
                Assert.That(
                    page.Page.Descendants().Select(one => one.Name.LocalName).Distinct(),
                    Is.SubsetOf(
                        calm.Page.Descendants().Select(one => one.Name.LocalName).Distinct()
                    ),
                    "it made no element"
                );
                Assert.That(page.Style, Is.EqualTo(calm.Style));
                Assert.That(
                    Regex.Count(html, "<(?:script|img|style)"),
                    Is.EqualTo(1),
                    "the style of its own"
                );
            }
        }
    }

    [Test]
    public void Every_letter_of_Vietnamese_is_there_as_it_was()
    {
        const string Letters =
            "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ";
        foreach (var name in (string[])[Letters, Letters.ToUpperInvariant()])
        {
            var page = PrintedMonth.Read(MonthPage.Of(Province(name, agencies: 11, reasons: 1)));
            Assert.That(page.Tables[2][1][0], Does.EndWith(name));
        }
    }

    [Test]
    public void Nothing_sent_is_a_page_of_noughts()
    {
        var nothing = new LetterFigures(0, 0, 0, 0, 0, 0, 0, 0, 0);
        var row = new ReportRow(
            null,
            null,
            "sent",
            nothing,
            new DeliveryFigures(0, 0, 0, 0, 0, 0),
            new DeadlineFigures(0, 0, 0, 0, 0),
            new Dictionary<string, TimeFigures>(),
            []
        );
        var page = PrintedMonth.Read(
            MonthPage.Of(new MonthReport("2026-08", DateTimeOffset.UnixEpoch, row, []))
        );

        Assert.That(page.Tables[0].Skip(1).Select(cells => cells[1]), Has.All.EqualTo("0"));
    }

    /// <summary>
    /// In millimetres, from the sizes that the style names. A line of Times New Roman and of Liberation Serif is 1.15 times
    /// its letters; the title, the note and the heads of a table may take two.
    /// </summary>
    private static double HeightOf(PrintedMonth page)
    {
        const double Point = 25.4 / 72;
        const double Line = 1.15 * Point;
        const double Cell = 2 * 0.35 + 0.3 * Point;
        var rows = page.Tables.Select(table => table.Count).ToArray();
        var plain = (rows[0] + rows[1]) * ((10.5 * Line) + Cell);
        // The heads of the third table have two lines.
        var narrow = (rows[2] + rows[3] + 1) * ((9 * Line) + Cell);
        var title = (2 * 14 * Line) + 2;
        var below = (10.5 * Line) + 5;
        var headings = 4 * ((11 * Line) + 5);
        var note = 2 * 9 * Line + 9 * 2 * Point;
        return plain + narrow + title + below + headings + note;
    }

    private static MonthReport One(MonthReport report) =>
        report with
        {
            Rows = [.. report.Rows.Take(2)],
        };

    private static MonthReport Province(string name, int agencies, int reasons)
    {
        RefusalFigures[] refusals =
        [
            .. Enumerable
                .Range(0, reasons)
                .Select(i => new RefusalFigures($"{name} – không đúng thẩm quyền", 1000 - i)),
        ];
        return new MonthReport(
            "2026-08",
            new DateTimeOffset(2026, 9, 1, 8, 0, 0, TimeSpan.FromHours(7)),
            RowOf(null, null, "sent", refusals),
            [
                .. Enumerable
                    .Range(0, agencies)
                    .SelectMany(i =>
                        ((string[])["sent", "received"]).Select(direction =>
                            RowOf($"H99.{i}.00.000", name, direction, refusals)
                        )
                    ),
            ]
        );
    }

    private static ReportRow RowOf(
        string? agency,
        string? name,
        string direction,
        RefusalFigures[] refusals
    ) =>
        new(
            agency,
            name,
            direction,
            new LetterFigures(
                149_876,
                140_001,
                99_999,
                120_000,
                20_000,
                9_876,
                100_000,
                49_000,
                876
            ),
            new DeliveryFigures(149_876, 12_345, 130_000, 110_000, 9_999, 1_234),
            new DeadlineFigures(123_456, 100_000, 12_345, 11_111, 13_131),
            new Dictionary<string, TimeFigures>
            {
                ["collected"] = new(137_531, 0.1, 12.5),
                ["arrived"] = new(137_000, 0.2, 13.5),
                ["received"] = new(130_000, 1.5, 1_234.5),
                ["assigned"] = new(120_000, 2.5, 20.25),
                ["processing"] = new(115_000, 3.5, 40),
                ["done"] = new(110_000, 30.75, 160),
            },
            refusals
        );
}
