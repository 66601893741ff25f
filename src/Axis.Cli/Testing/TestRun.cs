using System.Diagnostics;
using System.Xml.Linq;
using Axis.Cli.Local;

namespace Axis.Cli.Testing;

/// <summary>One run of <c>dotnet test</c> over the built solution, and what its result files say.</summary>
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

    public static async Task<TestRun> RunAsync(
        Workspace workspace,
        string resultsFolder,
        TestSelection selection,
        IReadOnlyDictionary<string, string> variables,
        CancellationToken cancellation
    )
    {
        var results = Path.Combine(workspace.DefaultDataFolder, resultsFolder);
        if (Directory.Exists(results))
        {
            Directory.Delete(results, recursive: true);
        }
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = workspace.Root };
        // One project after the other: the hubs under test share the port on which the broker asks them.
        string[] words =
        [
            "test",
            "Axis.sln",
            "-c",
            "Release",
            "--no-build",
            "--nologo",
            "-m:1",
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
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellation);
        var files = Directory.Exists(results)
            ? Directory.GetFiles(results, "*.trx", SearchOption.AllDirectories)
            : [];
        return Read([.. files.Select(file => XDocument.Load(file))], process.ExitCode);
    }

    private static TestRun Read(IReadOnlyList<XDocument> files, int exitCode)
    {
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
            .ToArray();
        var failed = results.Where(result => result.Outcome is not ("Passed" or "NotExecuted"));
        string[] failedNames = [.. failed.Select(NameOf)];
        string[] passedNames =
        [
            .. results.Where(result => result.Outcome == "Passed").Select(NameOf),
        ];
        // A test host that died leaves an error about the run, and tests that nobody counts.
        var isBroken =
            files
                .SelectMany(file => file.Descendants(s_trx + "RunInfo"))
                .Any(info => (string?)info.Attribute("outcome") == "Error")
            || (exitCode != 0 && failedNames.Length == 0);
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
