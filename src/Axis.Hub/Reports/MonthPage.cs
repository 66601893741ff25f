using System.Globalization;
using System.Net;
using System.Text;

namespace Axis.Hub.Reports;

/// <summary>
/// A report as one page of A4 in Vietnamese, to be printed and signed. No script, nothing fetched. HTML that is XML too, so
/// that a test reads it as strictly as can be.
/// </summary>
internal static class MonthPage
{
    // So many fill the page when their names are long and every table has all its rows.
    private const int MostAgencies = 10;
    private const int MostReasons = 5;

    private static readonly CultureInfo s_vietnamese = Vietnamese();

    private static readonly Dictionary<string, string> s_states = new()
    {
        ["collected"] = "Phần mềm nhận về",
        ["arrived"] = "Đã đến",
        ["received"] = "Đã tiếp nhận",
        ["assigned"] = "Phân công xử lý",
        ["processing"] = "Đang xử lý",
        ["done"] = "Đã hoàn thành",
    };

    private const string Style = """
        @page { size: A4; margin: 10mm 15mm }
        body { font: 10.5pt "Times New Roman", "Liberation Serif", serif; color: #000; max-width: 180mm; margin: auto }
        h1 { font-size: 14pt; text-align: center; margin: 0 0 2mm } .sub { text-align: center; margin: 0 0 5mm }
        h2 { font-size: 11pt; margin: 4mm 0 1mm } table { border-collapse: collapse; width: 100% }
        th, td { border: .3pt solid #000; padding: .35mm 1.5mm; text-align: right } th { background: #eee }
        td:first-child, th:first-child, td.w { text-align: left } tr { break-inside: avoid } .note { font-size: 9pt }
        .long { font-size: 9pt; table-layout: fixed } .long td { white-space: nowrap } .long td:first-child { overflow: hidden; text-overflow: ellipsis }
        .long th:first-child { width: 36% } .long th:nth-child(3), .long th:nth-child(4) { width: 14% } .reasons th:first-child { width: 88% }
        """;

    public static string Of(MonthReport report)
    {
        var page = new StringBuilder();
        var month = string.Join('/', report.Month.Split('-').Reverse());
        var one = report.Rows.Count is > 0 and <= 2 ? report.Rows[0].Name : null;
        page.Append(
            s_vietnamese,
            $"""
            <!DOCTYPE html>
            <html lang="vi"><head><meta charset="utf-8"/><title>Báo cáo gửi, nhận văn bản điện tử tháng {month}</title>
            <style>{Style}</style></head><body>
            <h1>BÁO CÁO TÌNH HÌNH GỬI, NHẬN VĂN BẢN ĐIỆN TỬ<br/>THÁNG {month}</h1>
            <p class="sub">{Html(one ?? "Toàn tỉnh")} · Điều 11 Quyết định 28/2018/QĐ-TTg · số liệu đến {report.AsOf.ToOffset(
                TimeSpan.FromHours(7)
            ):HH:mm dd/MM/yyyy}</p>

            """
        );
        Figures(page, report);
        Times(page, report);
        Agencies(page, report);
        Refusals(page, report);
        page.Append(
            "<p class=\"note\">“Đúng hạn gửi”: trong ngày ký hoặc buổi sáng ngày làm việc tiếp theo (Điều 6.2). "
                + "“Ký số”: chữ ký của gói tin đã được trục kiểm tra là hợp lệ. Giờ là giờ làm việc.</p></body></html>\n"
        );
        return page.ToString();
    }

    private static void Figures(StringBuilder page, MonthReport report)
    {
        var shown = report.Rows.Count is > 0 and <= 2 ? report.Rows : [report.Province];
        page.Append("<h2>1. Số liệu chung</h2><table><tr><th></th>");
        foreach (var row in shown)
        {
            var name =
                row.Agency is null ? "Toàn tỉnh"
                : row.Direction == "sent" ? "Gửi"
                : "Nhận";
            page.Append(s_vietnamese, $"<th>{name}</th>");
        }
        page.Append("</tr>");
        Line("Văn bản", row => Number(row.Letters.Count));
        Line("Lượt gửi đến từng nơi nhận", row => Number(row.Deliveries.Count));
        Line("Ký số hợp lệ", row => Part(row.Letters.EnvelopeSigned, row.Letters.Count));
        Line(
            "Tệp đính kèm ký số hợp lệ",
            row => Part(row.Letters.DocumentSigned, row.Letters.Count)
        );
        Line("Chỉ gửi điện tử", row => Part(row.Letters.Electronic, row.Letters.Count));
        Line("Kèm văn bản giấy", row => Part(row.Letters.WithPaper, row.Letters.Count));
        Line(
            "Đúng hạn gửi",
            row => Part(row.Letters.OnTime, row.Letters.OnTime + row.Letters.Late)
        );
        Line("Đã tiếp nhận", row => Part(row.Deliveries.Received, row.Deliveries.Count));
        Line("Đã hoàn thành", row => Part(row.Deliveries.Done, row.Deliveries.Count));
        Line("Từ chối tiếp nhận", row => Part(row.Deliveries.Refused, row.Deliveries.Count));
        Line("Chưa nhận về", row => Part(row.Deliveries.NotTaken, row.Deliveries.Count));
        Line("Thu hồi, thay thế", row => Part(row.Deliveries.Withdrawn, row.Deliveries.Count));
        Line("Có thời hạn xử lý", row => Number(row.Deadlines.Count));
        Line("Hoàn thành đúng hạn", row => Part(row.Deadlines.Met, row.Deadlines.Count));
        Line("Quá hạn", row => Part(row.Deadlines.Overdue, row.Deadlines.Count));
        page.Append("</table>\n");

        void Line(string name, Func<ReportRow, string> cell)
        {
            page.Append(s_vietnamese, $"<tr><td>{name}</td>");
            foreach (var row in shown)
            {
                page.Append(s_vietnamese, $"<td>{cell(row)}</td>");
            }
            page.Append("</tr>");
        }
    }

    private static void Times(StringBuilder page, MonthReport report)
    {
        var row = report.Rows.Count is > 0 and <= 2 ? report.Rows[^1] : report.Province;
        page.Append(
            "<h2>2. Thời gian từ khi trục nhận đến từng trạng thái (giờ làm việc)</h2>"
                + "<table><tr><th>Trạng thái</th><th>Số lượt</th><th>Trung vị</th><th>90 % không quá</th></tr>"
        );
        foreach (var (state, figures) in row.TimeTo)
        {
            page.Append(
                s_vietnamese,
                $"<tr><td>{s_states[state]}</td><td>{Number(figures.Count)}</td><td>{figures.Median:N1}</td><td>{figures.P90:N1}</td></tr>"
            );
        }
        page.Append("</table>\n");
    }

    private static void Agencies(StringBuilder page, MonthReport report)
    {
        if (report.Rows.Count <= 2)
        {
            return;
        }
        page.Append(
            s_vietnamese,
            $"<h2>3. {MostAgencies} cơ quan nhận có nhiều văn bản quá hạn hoặc chưa nhận về nhất</h2>"
        );
        page.Append(
            "<table class=\"long\"><tr><th>Cơ quan</th><th>Nhận</th><th>Tiếp nhận</th><th>Hoàn thành</th><th>Từ chối</th><th>Chưa nhận về</th><th>Quá hạn</th></tr>"
        );
        foreach (
            var row in report
                .Rows.Where(row => row.Direction == "received")
                .OrderByDescending(row => row.Deadlines.Overdue + row.Deliveries.NotTaken)
                .ThenBy(row => row.Agency, StringComparer.Ordinal)
                .Take(MostAgencies)
        )
        {
            var of = row.Deliveries;
            page.Append(
                s_vietnamese,
                $"<tr><td>{Html(row.Agency)} {Html(row.Name)}</td><td>{Number(of.Count)}</td><td>{Part(of.Received, of.Count)}</td><td>{Part(of.Done, of.Count)}</td><td>{Number(of.Refused)}</td><td>{Number(of.NotTaken)}</td><td>{Number(row.Deadlines.Overdue)}</td></tr>"
            );
        }
        page.Append("</table>\n");
    }

    private static void Refusals(StringBuilder page, MonthReport report)
    {
        var row = report.Rows.Count is > 0 and <= 2 ? report.Rows[^1] : report.Province;
        if (row.Refusals.Count == 0)
        {
            return;
        }
        page.Append(
            "<h2>Lý do từ chối thường gặp</h2><table class=\"long reasons\"><tr><th>Lý do</th><th>Số lượt</th></tr>"
        );
        foreach (var refusal in row.Refusals.Take(MostReasons))
        {
            page.Append(
                s_vietnamese,
                $"<tr><td>{Html(refusal.Reason)}</td><td>{Number(refusal.Count)}</td></tr>"
            );
        }
        page.Append("</table>\n");
    }

    private static string Number(int number) => number.ToString("N0", s_vietnamese);

    private static string Part(int part, int whole) =>
        whole == 0
            ? Number(part)
            : string.Create(s_vietnamese, $"{part:N0} ({100.0 * part / whole:N1} %)");

    private static string Html(string? text) => WebUtility.HtmlEncode(text ?? "");

    // The machine may know no languages.
    private static CultureInfo Vietnamese()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.DateTimeFormat.DateSeparator = "/";
        culture.DateTimeFormat.TimeSeparator = ":";
        return CultureInfo.ReadOnly(culture);
    }
}
