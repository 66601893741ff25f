using Axis.Hub;

namespace Axis.Resilience.Tests;

/// <summary>No place to die is forgotten, neither by the tests nor by the pages.</summary>
public sealed class CrashPointPageTests
{
    [Test]
    public void Every_crash_point_is_died_at_and_stands_in_the_page()
    {
        var tested = GetType()
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .SelectMany(test => test.GetCustomAttributes(typeof(DiesAtAttribute), false))
            .Select(attribute => ((DiesAtAttribute)attribute).Point)
            .Distinct();
        var page = string.Concat(
            ((string[])["durability.md", "national-axis.md"]).Select(name =>
                File.ReadAllText(Path.Combine(Repository.Root(), "docs", name))
            )
        );

        Assert.That(tested, Is.EquivalentTo(Enum.GetValues<CrashPoint>()));
        Assert.That(
            Enum.GetNames<CrashPoint>().Where(name => !page.Contains($"`{name}`")),
            Is.Empty
        );
    }
}
