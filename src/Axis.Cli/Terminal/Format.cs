using Spectre.Console;

namespace Axis.Cli.Terminal;

/// <summary>Values as people in Vietnam read them, and tables that survive a pipe.</summary>
internal static class Format
{
    private static readonly TimeSpan Vietnam = TimeSpan.FromHours(7);

    public static string Time(DateTimeOffset time) =>
        $"{time.ToOffset(Vietnam):dd/MM/yyyy HH:mm:ss}";

    public static string Clock(DateTimeOffset time) => $"{time.ToOffset(Vietnam):HH:mm:ss}";

    public static string Size(long bytes) =>
        bytes switch
        {
            < 10_000 => $"{bytes} B",
            < 10_000_000 => $"{bytes / 1000.0:0} KB",
            _ => $"{bytes / 1_000_000.0:0.0} MB",
        };

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow().ToOffset(Vietnam);

    public static DateOnly Today => DateOnly.FromDateTime(Now.DateTime);

    public static string StatusName(string? code) =>
        code switch
        {
            "01" => "Đã đến",
            "02" => "Từ chối tiếp nhận",
            "03" => "Đã tiếp nhận",
            "04" => "Phân công xử lý",
            "05" => "Đang xử lý",
            "06" => "Đã hoàn thành",
            "13" => "Yêu cầu lấy lại",
            "15" => "Đồng ý cập nhật, lấy lại",
            "16" => "Từ chối cập nhật, lấy lại",
            _ => "",
        };

    public static Table Table(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)));
        }

        return table;
    }

    /// <summary>All cells are text, never markup.</summary>
    public static void Row(this Table table, params string?[] cells) =>
        table.AddRow([.. cells.Select(cell => new Text(cell ?? ""))]);

    public static void Write(Table table)
    {
        if (Console.IsOutputRedirected)
        {
            // No terminal tells a width, and a wrapped table is no use to grep.
            AnsiConsole.Profile.Width = 400;
        }

        AnsiConsole.Write(table);
    }
}
