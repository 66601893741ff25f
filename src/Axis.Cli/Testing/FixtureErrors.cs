namespace Axis.Cli.Testing;

/// <summary>
/// The errors of a run that belong to no test. NUnit tells a set-up or a tear-down of a fixture that failed in two of
/// them, the fixture's name and then the reason; they are as much a matter of luck as a test that failed. Any other is of
/// the run itself, such as the death of a test host.
/// </summary>
/// <param name="Fixtures">Whose set-up or tear-down failed, named as in the results of their tests.</param>
/// <param name="AreOfTheRun">Some are of no fixture.</param>
internal sealed record FixtureErrors(IReadOnlySet<string> Fixtures, bool AreOfTheRun)
{
    private static readonly string[] s_beginnings =
    [
        "Setup failed for test fixture ",
        "TearDown failed for test fixture ",
    ];

    /// <param name="errors">In the order in which they were told.</param>
    public static FixtureErrors Of(IEnumerable<string> errors)
    {
        var fixtures = new HashSet<string>(StringComparer.Ordinal);
        var (isReason, areOfTheRun) = (false, false);
        foreach (var error in errors)
        {
            var beginning = Array.Find(
                s_beginnings,
                one => error.StartsWith(one, StringComparison.Ordinal)
            );
            if (beginning is not null)
            {
                fixtures.Add(error[beginning.Length..].Trim());
            }
            else if (!isReason || error.Contains("test run was aborted", StringComparison.Ordinal))
            {
                areOfTheRun = true;
            }
            isReason = beginning is not null;
        }
        return new FixtureErrors(fixtures, areOfTheRun);
    }
}
