using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axis.Cli.National;
using Axis.Vxp;
using Axis.Vxp.Client;

namespace Axis.Cli.Tests;

/// <summary><c>axis national-sim</c> as a program of its own.</summary>
public sealed class SimCommandTests : FolderTest
{
    [Test]
    public async Task It_says_where_it_is_serves_shows_vices_when_told_and_ends_on_SIGTERM()
    {
        using var process = Start("--vice", "down:next=1");
        var said = await SaidAsync(process);
        var endpoint = new Uri(Address("endpoint").Match(said).Groups["address"].Value);
        var control = Address("control").Match(said).Groups["address"].Value;
        Assert.That(endpoint.AbsolutePath, Is.EqualTo("/XrdAdapter/adapter"));
        var secret = In("secrets", "axis.h99.secret");
        Assert.That(said, Does.Contain($"axis.h99 for H99, secret in {secret}"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(
                File.GetUnixFileMode(secret),
                Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite)
            );
        }

        using var http = new HttpClient(VxpClient.CreateHandler(TimeSpan.FromMinutes(1)));
        var client = new VxpClient(
            http,
            new VxpIdentity(endpoint, "axis.h99", (await File.ReadAllTextAsync(secret)).Trim()),
            TimeProvider.System,
            TimeSpan.FromMinutes(2)
        );
        Assert.That((await ListAsync(client)).Fault, Is.Not.Null, "the vice of the command line");
        Assert.That((await ListAsync(client)).Value, Is.Empty);

        using (
            var written = await http.PostAsJsonAsync(
                $"{control}/letters",
                new { to = new[] { "H99" }, from = "G01" }
            )
        )
        {
            Assert.That(
                written.StatusCode,
                Is.EqualTo(HttpStatusCode.OK),
                await written.Content.ReadAsStringAsync()
            );
        }
        var item = (await ListAsync(client)).Value!.Single();
        Assert.That((await client.GetEdocAsync(item.DocId, default)).Value, Is.Not.Empty);

        using (var on = await http.PutAsync($"{control}/vices/html-page", null))
        {
            Assert.That(on.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        Assert.That((await ListAsync(client)).Fault?.Kind, Is.EqualTo(FarFaultKind.Unintelligible));
        using (var off = await http.DeleteAsync($"{control}/vices"))
        {
            Assert.That(off.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        Assert.That((await ListAsync(client)).Value, Has.Count.EqualTo(1));
        var view = await http.GetFromJsonAsync<JsonElement>(control);
        Assert.That(view.GetRawText(), Does.Not.Contain(client.Identity.Secret));

        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero);
        Assert.That(await process.StandardError.ReadToEndAsync(), Does.Contain("Stopping"));
    }

    [TestCase("--vice", "sloth")]
    [TestCase("--vice", "slow:milliseconds=fast")]
    [TestCase("--system", "axis.h99")]
    [TestCase("--system", "../h99=H99")]
    [TestCase("--listen", "everywhere")]
    [TestCase("--agencies", "120001")]
    [TestCase("--scale", "0")]
    [TestCase("--known", "nowhere.csv")]
    public async Task What_cannot_be_is_said_and_nothing_listens(params string[] words)
    {
        var run = await CliRun.OfAsync([
            "national-sim",
            "--port",
            "0",
            "--secrets",
            In("secrets"),
            .. words,
        ]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.Output + run.Error);
        Assert.That(run.Output, Does.Not.Contain("endpoint"));
    }

    private Process Start(params string[] words)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (
            var word in (string[])
                [
                    typeof(SimCommand).Assembly.Location,
                    "national-sim",
                    "--port",
                    "0",
                    "--agencies",
                    "300",
                    "--secrets",
                    In("secrets"),
                    .. words,
                ]
        )
        {
            start.ArgumentList.Add(word);
        }
        return Process.Start(start)!;
    }

    /// <summary>What it prints until it is ready.</summary>
    private static async Task<string> SaidAsync(Process process)
    {
        var said = "";
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said += line + "\n";
            if (line.StartsWith("Ctrl-C", StringComparison.Ordinal))
            {
                return said;
            }
        }
        throw new InvalidOperationException(
            $"It ended: {said}{await process.StandardError.ReadToEndAsync()}"
        );
    }

    private static Task<FarReply<IReadOnlyList<ReceivedEdoc>>> ListAsync(VxpClient client) =>
        client.GetReceivedEdocListAsync(VxpValue.MessageEdoc, default);

    private static Regex Address(string what) =>
        new($@"{what}\s+(?<address>http://127\.0\.0\.1:\d+\S*)", RegexOptions.NonBacktracking);
}
