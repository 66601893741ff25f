namespace Axis.Cli.Testing;

/// <summary>How a run ended, in the one line that a machine reads.</summary>
/// <param name="IsWhole">Every test assembly ran to its end.</param>
internal sealed record TestTally(int Passed, int Failed, int Skipped, bool IsWhole)
{
    public static TestTally None { get; } = new(0, 0, 0, IsWhole: false);

    /// <summary>A run of nothing proves nothing.</summary>
    public bool IsGreen => IsWhole && Failed == 0 && Passed > 0;

    /// <param name="passedLate">Failed tests that passed when they were run again.</param>
    /// <param name="secondIsWhole">Nothing died then. A test that failed only then has passed in the run that counts.</param>
    public TestTally AfterSecondRun(int passedLate, bool secondIsWhole) =>
        this with
        {
            Passed = Passed + passedLate,
            Failed = Failed - passedLate,
            IsWhole = IsWhole && (secondIsWhole || passedLate < Failed),
        };

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
