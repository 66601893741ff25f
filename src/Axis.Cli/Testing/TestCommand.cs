using System.CommandLine;
using Axis.Cli.Local;
using Axis.Cli.Terminal;
using Axis.LocalServers.Install;

namespace Axis.Cli.Testing;

/// <summary>
/// All tests, on servers of their own. The last line says how many passed, failed and were skipped; it is written
/// whatever happens.
/// </summary>
internal static class TestCommand
{
    /// <summary>Failures in more classes than this are no matter of luck: they are not run again.</summary>
    private const int MostClassesRunAgain = 5;

    public static Command Build()
    {
        var filter = new Argument<string?>("filter")
        {
            Description = "Part of a test's full name, or a filter expression of dotnet test.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var longOnes = new Option<bool>("--long")
        {
            Description = "Run the tests that take minutes instead, which nothing else runs.",
        };
        var command = new Command(
            "test",
            "Run the tests with a fresh PostgreSQL and RabbitMQ. A test that fails is run once more, because servers "
                + "on a busy machine can be late; what passes only then is named at the end."
        )
        {
            filter,
            longOnes,
        };
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    Workspace.Find(),
                    TestSelection.Of(parsed.GetValue(filter), parsed.GetValue(longOnes)),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Workspace workspace,
        TestSelection selection,
        CancellationToken cancellation
    )
    {
        var tally = TestTally.None;
        var formatted = false;
        try
        {
            formatted = await SourceFormat.CheckAsync(workspace, cancellation);
            foreach (
                var missing in await TestTools.InstallAsync(
                    workspace.Root,
                    new ProgressWords(),
                    cancellation
                )
            )
            {
                Console.WriteLine($"Some tests will be skipped: {missing}");
            }
            tally = await FreshServers.WithAsync(
                workspace,
                // Most tests wait more than they work, so two halves run beside each other.
                sets: selection.IsWhole ? 2 : 1,
                lanes => RunTwiceAsync(workspace, selection, lanes, cancellation),
                cancellation
            );
        }
        finally
        {
            Console.WriteLine(tally);
        }
        return formatted && tally.IsGreen ? ExitCodes.Ok : ExitCodes.Refused;
    }

    private static async Task<TestTally> RunTwiceAsync(
        Workspace workspace,
        TestSelection selection,
        IReadOnlyList<IReadOnlyDictionary<string, string>> lanes,
        CancellationToken cancellation
    )
    {
        var first = await TestRun.RunAsync(
            workspace,
            "test-results",
            selection,
            lanes,
            cancellation
        );
        if (first.FailedClasses.Count is 0 or > MostClassesRunAgain || first.IsBroken)
        {
            return first.Tally;
        }
        Console.WriteLine($"Running again what failed: {string.Join(", ", first.Failed)}");
        var second = await TestRun.RunAsync(
            workspace,
            "test-results-again",
            TestSelection.OfClasses(first.FailedClasses),
            [lanes[0]],
            cancellation
        );
        var late = first.Failed.Intersect(second.Passed).Order(StringComparer.Ordinal).ToArray();
        if (late.Length > 0)
        {
            Console.WriteLine("Passed only when run again, and wants mending:");
            Console.WriteLine(string.Join('\n', late.Select(name => "  " + name)));
        }
        return first.Tally.AfterSecondRun(late.Length, secondIsGreen: second.Tally.IsGreen);
    }
}
