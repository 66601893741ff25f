using System.Diagnostics;
using System.Text.Json;

namespace Axis.Hub.Tests.Vxp;

/// <summary>
/// The client in Python, written from the specification alone, in a process of its own; one line asks, one answers.
/// </summary>
internal sealed class PythonClient : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _store;

    private PythonClient(Process process, string store)
    {
        _process = process;
        _store = store;
    }

    /// <summary>Skips the test in words where there is no Python, unless the tools are demanded.</summary>
    public static async Task<PythonClient> StartAsync(
        string endpoint,
        string systemId,
        string secret
    )
    {
        var store = Directory.CreateTempSubdirectory("axis-vxp-").FullName;
        var start = new ProcessStartInfo("python3")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "Vxp", "Python", "vxp_client.py"),
            },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var client = new PythonClient(Start(start), store);
        await client.WriteAsync(
            new
            {
                endpoint,
                systemId,
                secret,
                store,
            }
        );
        return client;
    }

    public Task<JsonElement> CallAsync(
        string call,
        params (string Name, string Value)[] parameters
    ) =>
        AskAsync(
            new { call, @params = parameters.ToDictionary(one => one.Name, one => one.Value) }
        );

    public async Task<JsonElement> SendAsync(
        byte[] package,
        bool repost,
        params (string Name, string Value)[] parameters
    )
    {
        var file = Path.Combine(_store, "outgoing.edxml");
        await File.WriteAllBytesAsync(file, package);
        return await AskAsync(
            new
            {
                call = "sendEdoc",
                file,
                repost,
                @params = parameters.ToDictionary(one => one.Name, one => one.Value),
            }
        );
    }

    public Task<JsonElement> RegisterAsync(string body) =>
        AskAsync(new { call = "registerAgency", body });

    /// <summary>Connections the client never closed, and how many of them the server has not closed either.</summary>
    public Task<JsonElement> LeakedAsync() => AskAsync(new { leaked = true });

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_store, recursive: true);
    }

    private async Task<JsonElement> AskAsync(object command)
    {
        await WriteAsync(command);
        var line =
            await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The client in Python has ended.");
        var answer = JsonSerializer.Deserialize<JsonElement>(line);
        Assert.That(answer.TryGetProperty("failure", out _), Is.False, line);
        return answer;
    }

    private async Task WriteAsync(object command)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(command));
        await _process.StandardInput.FlushAsync();
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
            when (Environment.GetEnvironmentVariable("AXIS_REQUIRE_TOOLS") != "1")
        {
            Assert.Ignore("python3 is not on this machine; the client written in it cannot run.");
            throw;
        }
    }
}
