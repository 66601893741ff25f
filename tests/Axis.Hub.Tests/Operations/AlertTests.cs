using System.Text.RegularExpressions;
using Axis.Hub.Tests.Architecture;
using YamlDotNet.RepresentationModel;

namespace Axis.Hub.Tests.Operations;

/// <summary>
/// The alerts and the dashboard ask for figures by name, and nothing else says so when a name is wrong. What the
/// expressions do is tested beside them (deploy/prometheus/rules.test.yml, promtool).
/// </summary>
public sealed partial class AlertTests
{
    private const string Rules = "deploy/prometheus/rules.yml";
    private const string Dashboard = "deploy/grafana/axis.json";
    private const string Page = "docs/operations.md";

    private static readonly string[] s_suffixes =
    [
        "_total",
        "_seconds",
        "_bucket",
        "_sum",
        "_count",
    ];

    [TestCase(Rules)]
    [TestCase(Dashboard)]
    [TestCase(Page)]
    public void Every_figure_that_is_asked_for_is_one_that_the_hub_gives(string file)
    {
        var given = Sources
            .In("src/Axis.Hub")
            .SelectMany(source => Instrument().Matches(source.Text))
            .Select(match => match.Groups["name"].Value.Replace('.', '_'))
            .ToHashSet(StringComparer.Ordinal);
        var asked = Figure()
            .Matches(Read(file))
            .Select(match => match.Value)
            .Distinct(StringComparer.Ordinal)
            .ToArray();

        Assert.That(asked, Is.Not.Empty);
        Assert.That(asked.Where(name => !given.Contains(WithoutSuffix(name))), Is.Empty);
    }

    [Test]
    public void What_waits_for_another_axis_says_nothing_of_the_broker_and_has_alerts_of_its_own()
    {
        var rules = Alerts();
        Assert.That(rules["AxisDeliveriesWaiting"], Does.Contain("route=\"office_system\""));
        Assert.That(
            rules.Values.Where(expression =>
                expression.Contains("state=\"waiting\"", StringComparison.Ordinal)
                && !expression.Contains("route=", StringComparison.Ordinal)
            ),
            Is.Empty
        );
        Assert.That(rules.Values, Has.Some.Contains("axis_far_alerts"));
        Assert.That(rules.Values, Has.Some.Contains("axis_far_oldest_age_seconds"));
        Assert.That(Read(Dashboard), Does.Contain("axis_far_alerts"));
    }

    [Test]
    public void Every_alert_that_the_page_explains_is_one_of_the_rules()
    {
        var explained = AlertName()
            .Matches(Read(Page))
            .Select(match => match.Groups["name"].Value)
            .ToArray();
        Assert.That(explained, Is.Not.Empty);
        Assert.That(explained.Distinct(), Is.SubsetOf(Alerts().Keys));
    }

    private static Dictionary<string, string> Alerts()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Read(Rules)));
        return yaml.Documents[0]
            .AllNodes.OfType<YamlMappingNode>()
            .Where(node => node.Children.ContainsKey("alert"))
            .ToDictionary(
                node => ((YamlScalarNode)node["alert"]).Value!,
                node => ((YamlScalarNode)node["expr"]).Value!,
                StringComparer.Ordinal
            );
    }

    private static string WithoutSuffix(string name)
    {
        while (
            Array.Find(s_suffixes, end => name.EndsWith(end, StringComparison.Ordinal)) is { } end
        )
        {
            name = name[..^end.Length];
        }
        return name;
    }

    private static string Read(string file) =>
        File.ReadAllText(Path.Combine(Documents.Root(), file));

    [GeneratedRegex("\"(?<name>axis(?:\\.[a-z]+)+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Instrument();

    [GeneratedRegex("\\baxis_[a-z_]+", RegexOptions.NonBacktracking)]
    private static partial Regex Figure();

    [GeneratedRegex("`(?<name>Axis[A-Z][A-Za-z]+)`", RegexOptions.NonBacktracking)]
    private static partial Regex AlertName();
}
