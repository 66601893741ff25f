using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Axis.Hub.Tests.Reports;

/// <summary>The page of a month as a strict reader sees it: HTML that must be XML too.</summary>
internal sealed class PrintedMonth
{
    private PrintedMonth(XDocument page) => Page = page;

    public XDocument Page { get; }

    public string Style => Page.Descendants("style").Single().Value;

    /// <summary>Each table as rows of cells, in their order on the page.</summary>
    public IReadOnlyList<IReadOnlyList<string[]>> Tables =>
        [
            .. Page.Descendants("table")
                .Select(table =>
                    (IReadOnlyList<string[]>)
                        [
                            .. table
                                .Elements("tr")
                                .Select(row => row.Elements().Select(cell => cell.Value).ToArray()),
                        ]
                ),
        ];

    public static PrintedMonth Read(string html)
    {
        using var reader = XmlReader.Create(
            new StringReader(html),
            new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null }
        );
        return new PrintedMonth(XDocument.Load(reader));
    }

    /// <summary>A whole number as the page writes it, with its part of another where there is one.</summary>
    public static string Figure(int number, int? whole = null)
    {
        var vietnamese = new NumberFormatInfo
        {
            NumberGroupSeparator = ".",
            NumberDecimalSeparator = ",",
        };
        var written = number.ToString("N0", vietnamese);
        return whole is not > 0
            ? written
            : $"{written} ({(100.0 * number / whole.Value).ToString("N1", vietnamese)} %)";
    }

    public static string Hours(double hours) =>
        hours.ToString(
            "N1",
            new NumberFormatInfo { NumberGroupSeparator = ".", NumberDecimalSeparator = "," }
        );
}
