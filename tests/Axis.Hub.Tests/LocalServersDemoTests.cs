using System.Diagnostics;
using System.Runtime.Versioning;

namespace Axis.Hub.Tests;

/// <summary>The main job as a stranger sees it: the command as built, with servers and a hub of its own.</summary>
[SupportedOSPlatform("linux")]
public sealed class LocalServersDemoTests
{
    private string _folder = "";

    [SetUp]
    public void Choose_a_folder() => _folder = $"/var/tmp/axis-demo-{Guid.CreateVersion7():n}";

    [TearDown]
    public async Task Forget_everything()
    {
        if (Directory.Exists(_folder))
        {
            await RunAsync("down", "--purge");
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Test]
    public async Task A_morning_of_the_province_arrives_byte_for_byte_and_can_be_played_again()
    {
        var up = await RunAsync("up", "--detach");
        Assert.That(up.ExitCode, Is.Zero, up.Said);

        for (var morning = 1; morning <= 2; morning++)
        {
            var demo = await RunAsync("demo");
            Assert.That(demo.ExitCode, Is.Zero, demo.Said);
            Assert.That(demo.Said, Does.Contain("refused: AXIS-4002"));
            Assert.That(demo.Said, Does.Contain("waiting for the national gateway"));
            Assert.That(demo.Said, Does.Contain("1 withdrawn from an inbox before it was taken"));
            Assert.That(demo.Said, Does.Contain("the recipients heard of it 7 times"));
        }

        var again = await RunAsync("up", "--detach");
        Assert.That(again.Said, Does.Contain("Axis already runs."));

        var down = await RunAsync("down");
        Assert.That(down.Said, Does.Contain("Axis is stopped."));
        Assert.That((await RunAsync("down")).Said, Does.Contain("Axis was not running."));
    }

    private async Task<(int ExitCode, string Said)> RunAsync(params string[] words)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var word in (string[])[Command(), .. words, "--data", _folder])
        {
            start.ArgumentList.Add(word);
        }

        // The demo brings its own servers, so that it cannot meet a hub under test.
        foreach (
            var name in start
                .Environment.Keys.Where(key => key.StartsWith("AXIS_", StringComparison.Ordinal))
                .ToList()
        )
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    private static string Command()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Axis.sln")))
            {
                var built = Path.Combine(
                    at.FullName,
                    "src",
                    "Axis.Cli",
                    "bin",
                    "Release",
                    "net10.0",
                    "axis.dll"
                );
                if (File.Exists(built))
                {
                    return built;
                }
            }
        }

        Assert.Ignore("The command is not built for Release; ./axis test builds it.");
        return "";
    }
}
