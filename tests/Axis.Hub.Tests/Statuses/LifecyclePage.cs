using System.Globalization;
using System.Text;
using Axis.Hub.Statuses;

namespace Axis.Hub.Tests.Statuses;

/// <summary>Writes the parts of docs/lifecycle.md that the code decides.</summary>
internal static class LifecyclePage
{
    public static string Table()
    {
        var page = new StringBuilder();
        page.Append(
            "| from | event | by | to | effects | QĐ 28/2018 |\n|---|---|---|---|---|---|\n"
        );
        foreach (var row in Lifecycle.Table)
        {
            var from = string.Join(", ", row.From.Select(StageNames.Of));
            var to = row.To is { } stage ? StageNames.Of(stage) : "where the work stands";
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {from} | {LifeEvents.NameOf(row.Event)} | {NameOf(row.By)} | {to} | {row.Effects} | {row.Law} |\n"
            );
        }
        page.Append("\nFinal: ");
        page.AppendJoin(", ", Lifecycle.Finals.Select(StageNames.Of));
        page.Append(".\n\nWhat passes an open question, judged by the stage beneath it:\n\n");
        foreach (var (stage, passing) in Lifecycle.Passing)
        {
            var names = string.Join(", ", passing.Select(LifeEvents.NameOf));
            page.Append(CultureInfo.InvariantCulture, $"* {StageNames.Of(stage)}: {names}.\n");
        }
        page.Append("\n```mermaid\nstateDiagram-v2\n    [*] --> accepted\n");
        foreach (var (from, to, events) in Arrows())
        {
            page.Append(CultureInfo.InvariantCulture, $"    {from} --> {to}: {events}\n");
        }
        foreach (var final in Lifecycle.Finals)
        {
            page.Append(CultureInfo.InvariantCulture, $"    {StageNames.Of(final)} --> [*]\n");
        }
        return page.Append("```\n").ToString();
    }

    public static string Events()
    {
        var page = new StringBuilder("| type | to | when |\n|---|---|---|\n");
        foreach (var type in EventTypes.All)
        {
            var to = string.Join(" and ", Listeners(type));
            page.Append(CultureInfo.InvariantCulture, $"| `{type.Name}` | {to} | {type.When} |\n");
        }
        return page.ToString();
    }

    public static IEnumerable<string> Listeners(EventType type) =>
        Enum.GetValues<Audience>()
            .Where(side => type.To.HasFlag(side))
            .Select(side => side.ToString().ToLowerInvariant());

    // The way of most letters and the turns off it; all skips would be a thicket.
    private static IEnumerable<(string From, string To, string Events)> Arrows() =>
        Lifecycle
            .Table.GroupBy(
                row => (From: row.From[^1], To: row.To ?? Stage.Processing),
                row => LifeEvents.NameOf(row.Event)
            )
            .Select(arrow =>
                (
                    StageNames.Of(arrow.Key.From),
                    StageNames.Of(arrow.Key.To),
                    string.Join(", ", arrow.Distinct())
                )
            );

    private static string NameOf(Raiser raiser) => raiser.ToString().ToLowerInvariant();
}
