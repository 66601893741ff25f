using System.Globalization;
using System.Text;
using Axis.Hub.Errors;

namespace Axis.Hub.Tests;

/// <summary>Writes docs/errors.md from the catalogue.</summary>
internal static class ErrorsPage
{
    private static readonly (int From, int To, string Title)[] s_ranges =
    [
        (2000, 2999, "Identity and access, sender"),
        (3000, 3999, "Recipients and routing"),
        (4000, 4999, "Signatures"),
        (5000, 5999, "Duplicates, statuses and replays"),
        (6000, 6999, "Limits and transport"),
        (9000, 9999, "The hub itself"),
    ];

    public static string Write()
    {
        var page = new StringBuilder();
        page.Append(
            """
            # Errors

            Every refusal carries numbered errors. A number never changes its meaning. Numbers 1000–1999 are the format
            rules and are listed in [edxml-rules.md](edxml-rules.md). `{0}`, `{1}` are filled with what was found.

            Over HTTP the answer is `application/problem+json` (RFC 9457) with all problems in `errors`; its status is
            that of the first. Over AMQP the same JSON arrives on the event queue as `axis.problem`. Of a refused
            package nothing is stored but an audit line.

            This page is written from the code; a test compares them.

            """
        );
        foreach (var (from, to, title) in s_ranges)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {from}–{to} {title}\n\n");
            page.Append("| code | HTTP | name | meaning | nghĩa |\n|---|---|---|---|---|\n");
            foreach (
                var error in ErrorCatalogue
                    .All.Where(error => error.Number >= from && error.Number <= to)
                    .OrderBy(error => error.Number)
            )
            {
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"| {error.Code} | {error.HttpStatus} | {error.Name} | {error.Message} | {error.MessageVi} |\n"
                );
            }
        }
        return page.ToString();
    }
}
