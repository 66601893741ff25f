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
            var first = await RunOnceAsync(
                workspace,
                "test-results",
                selection,
                // Most tests wait more than they work, so two halves run beside each other.
                sets: selection.IsWhole ? 2 : 1,
                cancellation
            );
            tally = first.Tally;
            if (first.FailedClasses.Count is > 0 and <= MostClassesRunAgain && !first.IsBroken)
            {
                tally = await RunAgainAsync(workspace, first, cancellation);
            }
        }
        finally
        {
            Console.WriteLine(tally);
        }
        return formatted && tally.IsGreen ? ExitCodes.Ok : ExitCodes.Refused;
    }

    private static Task<TestRun> RunOnceAsync(
        Workspace workspace,
        string resultsFolder,
        TestSelection selection,
        int sets,
        CancellationToken cancellation
    ) =>
        FreshServers.WithAsync(
            workspace,
            sets,
            lanes => TestRun.RunAsync(workspace, resultsFolder, selection, lanes, cancellation),
            cancellation
        );

    /// <summary>On servers of its own: those of before may be what was wrong.</summary>
    private static async Task<TestTally> RunAgainAsync(
        Workspace workspace,
        TestRun first,
        CancellationToken cancellation
    )
    {
        Console.WriteLine($"Running again what failed: {string.Join(", ", first.Failed)}");
        var second = await RunOnceAsync(
            workspace,
            "test-results-again",
            TestSelection.OfClasses(first.FailedClasses),
            sets: 1,
            cancellation
        );
        var late = first.PassedOnlyIn(second);
        Tell("Passed only when run again, and wants mending:", late);
        Tell(
            "Passed and failed when its class was run again, and wants mending:",
            second.Failed.Except(first.Failed)
        );
        return first.Tally.AfterSecondRun(late.Count, secondIsWhole: !second.IsBroken);
    }

    private static void Tell(string what, IEnumerable<string> tests)
    {
        var lines = tests.Distinct().Order(StringComparer.Ordinal).Select(name => "  " + name);
        if (lines.Any())
        {
            Console.WriteLine(string.Join('\n', lines.Prepend(what)));
        }
    }
}
