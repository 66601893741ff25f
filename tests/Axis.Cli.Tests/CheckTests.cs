using System.Text.Json.Nodes;

namespace Axis.Cli.Tests;

[TestFixture]
public class CheckTests : FolderTest
{
    [Test]
    public async Task A_good_package_exits_with_0()
    {
        var run = await CliRun.OfAsync("check", Package("new.edxml"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("No errors."));
    }

    [Test]
    public async Task An_error_exits_with_1_and_names_line_and_column()
    {
        var run = await CliRun.OfAsync(
            "check",
            Package("refused", "malformed-identifier.edxml"),
            "--json"
        );
        Assert.That(run.ExitCode, Is.EqualTo(1));
        var error = JsonNode.Parse(run.Output)!["findings"]!
            .AsArray()
            .First(finding => finding!["severity"]!.GetValue<string>() == "error")!;
        Assert.That(error["code"]!.GetValue<string>(), Does.StartWith("AXIS-1"));
        Assert.That(error["line"]!.GetValue<int>(), Is.Positive);
        Assert.That(error["column"]!.GetValue<int>(), Is.Positive);
    }

    [Test]
    public async Task The_profile_decides_what_is_an_error()
    {
        var text = await File.ReadAllTextAsync(Package("new.edxml"));
        var colon = Write(
            "colon.edxml",
            text.Replace("QCVN_102_2016", "QCVN_102:2016", StringComparison.Ordinal)
        );
        var axis = await CliRun.OfAsync("check", colon, "--profile", "axis");
        var strict = await CliRun.OfAsync("check", colon, "--profile", "strict");
        Assert.That(axis.ExitCode, Is.Zero, axis.Output);
        Assert.That(strict.ExitCode, Is.EqualTo(1), strict.Output);
    }

    [Test]
    public async Task Several_files_are_summed_up()
    {
        var run = await CliRun.OfAsync(
            "check",
            Package("new.edxml"),
            Package("refused", "not-well-formed.edxml")
        );
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Output, Does.Contain("2 files checked, 1 with errors"));
    }

    [Test]
    public async Task A_folder_of_a_thousand_files_is_checked_to_the_last()
    {
        var good = await File.ReadAllTextAsync(Package("status-03.edxml"));
        var bad = await File.ReadAllTextAsync(Package("refused", "unknown-status-code.edxml"));
        for (var i = 0; i < 1_000; i++)
        {
            Write(
                Path.Combine($"folder-{i % 7}", $"{i:0000}.{(i % 2 == 0 ? "edxml" : "EDXML")}"),
                i % 100 == 0 ? bad : good
            );
        }
        Write("notes.txt", "no package");

        var run = await CliRun.OfAsync("check", In(), "--json");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        var answer = JsonNode.Parse(run.Output)!;
        Assert.That(answer["summary"]!["files"]!.GetValue<int>(), Is.EqualTo(1_000));
        Assert.That(answer["summary"]!["filesWithErrors"]!.GetValue<int>(), Is.EqualTo(10));
        var names = answer["files"]!
            .AsArray()
            .Select(file => file!["file"]!.GetValue<string>())
            .ToArray();
        Assert.That(names, Is.Ordered.Using<string>(StringComparer.Ordinal).And.Unique);
        Assert.That(run.Error, Is.Empty, "no progress bar where there is no terminal");
    }

    [Test]
    public async Task A_check_of_nothing_is_no_success()
    {
        Directory.CreateDirectory(In("empty"));
        Assert.That((await CliRun.OfAsync("check", In("empty"))).ExitCode, Is.EqualTo(2));
        Assert.That((await CliRun.OfAsync("check", In("absent.edxml"))).ExitCode, Is.EqualTo(2));
    }
}
