using Axis.Cli.Testing;

namespace Axis.Cli.Tests;

/// <summary>What of the tests is run.</summary>
public sealed class TestSelectionTests
{
    /// <summary>A filter with the arguments of a fixture finds nothing, and the second run would prove nothing.</summary>
    [Test]
    public void Fixtures_with_arguments_are_run_again_by_their_class()
    {
        var selection = TestSelection.OfClasses([
            "Axis.One.CrossingTests(True)",
            "Axis.One.CrossingTests(False)",
            "Axis.Two.PlainTests",
        ]);
        Assert.That(
            selection.Arguments[^1],
            Is.EqualTo(
                "NUnit.Where=(class == 'Axis.One.CrossingTests' || class == 'Axis.Two.PlainTests') && Explicit != true"
            )
        );
    }
}
