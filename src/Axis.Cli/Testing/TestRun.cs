using System.Collections.Concurrent;
using System.Diagnostics;
using System.Xml;
using System.Xml.Linq;
using Axis.Cli.Local;

namespace Axis.Cli.Testing;

/// <summary>The test projects, each run by <c>dotnet test</c>, and what their result files say.</summary>
internal sealed record TestRun(
    TestTally Tally,
    IReadOnlyList<string> Passed,
    IReadOnlyList<string> Failed,
    IReadOnlyList<string> FailedClasses,
    bool IsBroken
)
{
    private static readonly XNamespace s_trx =
        "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    private static readonly string[] s_longest = ["Axis.Resilience.Tests", "Axis.Hub.Tests"];

    /// <summary>
    /// Runs every test project once. Each set of servers is a lane: it takes the next project when it is done with one.
    /// </summary>
    /// <param name="lanes">
    /// For each set of servers the variables that name it. Projects that meet on one set run one after the other,
    /// because the hubs under test share the port on which the broker asks them.
    /// </param>
    public static async Task<TestRun> RunAsync(
        Workspace workspace,
        string resultsFolder,
        TestSelection selection,
        IReadOnlyList<IReadOnlyDictionary<string, string>> lanes,
        CancellationToken cancellation
    )
    {
        var results = Path.Combine(workspace.DefaultDataFolder, resultsFolder);
        if (Directory.Exists(results))
        {
            Directory.Delete(results, recursive: true);
        }
        var projects = new ConcurrentQueue<string>(ProjectsOf(workspace));
        var runs = await Task.WhenAll(lanes.Select(RunLaneAsync));
        return Together([.. runs.SelectMany(lane => lane)]);

        async Task<List<TestRun>> RunLaneAsync(IReadOnlyDictionary<string, string> variables)
        {
            var done = new List<TestRun>();
            while (projects.TryDequeue(out var project))
            {
                done.Add(
                    await RunProjectAsync(
                        workspace,
                        project,
                        Path.Combine(results, project),
                        selection,
                        variables,
                        cancellation
                    )
                );
            }
            return done;
        }
    }

    /// <summary>Of what failed here, what passed there: each as often as it failed, for tests may share a name.</summary>
    public IReadOnlyList<string> PassedOnlyIn(TestRun second)
    {
        var late = second.Passed.Except(second.Failed).ToHashSet(StringComparer.Ordinal);
        return [.. Failed.Where(late.Contains)];
    }

    private static TestRun Together(IReadOnlyCollection<TestRun> runs) =>
        new(
            new TestTally(
                runs.Sum(run => run.Tally.Passed),
                runs.Sum(run => run.Tally.Failed),
                runs.Sum(run => run.Tally.Skipped),
                IsWhole: runs.All(run => run.Tally.IsWhole)
            ),
            [.. runs.SelectMany(run => run.Passed)],
            [.. runs.SelectMany(run => run.Failed)],
            [.. runs.SelectMany(run => run.FailedClasses)],
            runs.Any(run => run.IsBroken)
        );

    private static IEnumerable<string> ProjectsOf(Workspace workspace) =>
        Directory
            .EnumerateDirectories(Path.Combine(workspace.Root, "tests"), "*.Tests")
            .Select(folder => Path.GetFileName(folder))
            // The longest first, so that the lanes end together.
            .OrderBy(name =>
                Array.IndexOf(s_longest, name) is >= 0 and var place ? place : s_longest.Length
            )
            .ThenBy(name => name, StringComparer.Ordinal);

    private static async Task<TestRun> RunProjectAsync(
        Workspace workspace,
        string project,
        string results,
        TestSelection selection,
        IReadOnlyDictionary<string, string> variables,
        CancellationToken cancellation
    )
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = workspace.Root };
        string[] words =
        [
            "test",
            Path.Combine("tests", project),
            "-c",
            "Release",
            "--no-build",
            "--nologo",
            "--logger",
            "trx",
            // A test that waits for ever is a failure and not the end of all tests.
            "--blame-hang",
            "--blame-hang-timeout",
            "15m",
            "--blame-hang-dump-type",
            "none",
            "--results-directory",
            results,
            .. selection.Arguments,
        ];
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }
        // A test host that is slow to start on a busy machine is not a dead one; 90 s is the default.
        start.Environment["VSTEST_CONNECTION_TIMEOUT"] = "600";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellation);
        // None where the selection has nothing of this project.
        var files = Directory.Exists(results) ? Directory.GetFiles(results, "*.trx") : [];
        var readable = files.Select(TryLoad).OfType<XDocument>().ToArray();
        var run = Read(readable, process.ExitCode);
        return readable.Length == files.Length ? run : run.Broken();
    }

    /// <summary>Null for the file of a run that died while it was written.</summary>
    private static XDocument? TryLoad(string file)
    {
        try
        {
            return XDocument.Load(file);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private TestRun Broken() =>
        this with
        {
            Tally = Tally with { IsWhole = false },
            IsBroken = true,
        };

    /// <summary>What the result files of one project say.</summary>
    /// <param name="files">As the trx logger writes them.</param>
    /// <param name="exitCode">Of <c>dotnet test</c>.</param>
    public static TestRun Read(IReadOnlyList<XDocument> files, int exitCode)
    {
        var errors = FixtureErrors.Of(
            files
                .SelectMany(file => file.Descendants(s_trx + "RunInfo"))
                .Where(info => (string?)info.Attribute("outcome") == "Error")
                .Select(info => (string?)info.Element(s_trx + "Text") ?? "")
        );
        var classes = files
            .SelectMany(file => file.Descendants(s_trx + "UnitTest"))
            .ToLookup(
                test => (string)test.Attribute("id")!,
                test => (string)test.Element(s_trx + "TestMethod")!.Attribute("className")!
            );
        var results = files
            .SelectMany(file => file.Descendants(s_trx + "UnitTestResult"))
            .Select(result =>
                (
                    Class: classes[(string)result.Attribute("testId")!].First(),
                    Name: (string)result.Attribute("testName")!,
                    Outcome: (string)result.Attribute("outcome")!
                )
            )
            // A tear-down that fails fails its tests, as a set-up does.
            .Select(result =>
                result.Outcome == "Passed" && errors.Fixtures.Contains(result.Class)
                    ? result with
                    {
                        Outcome = "Failed",
                    }
                    : result
            )
            .ToArray();
        var failed = results.Where(result => result.Outcome is not ("Passed" or "NotExecuted"));
        string[] failedNames = [.. failed.Select(NameOf)];
        string[] passedNames =
        [
            .. results.Where(result => result.Outcome == "Passed").Select(NameOf),
        ];
        // A test host that died leaves an error about the run, and tests that nobody counts.
        var isBroken = errors.AreOfTheRun || (exitCode != 0 && failedNames.Length == 0);
        return new TestRun(
            new TestTally(
                passedNames.Length,
                failedNames.Length,
                results.Length - passedNames.Length - failedNames.Length,
                IsWhole: !isBroken
            ),
            passedNames,
            failedNames,
            [.. failed.Select(result => result.Class).Distinct()],
            isBroken
        );

        static string NameOf((string Class, string Name, string Outcome) result) =>
            $"{result.Class}.{result.Name}";
    }
}
