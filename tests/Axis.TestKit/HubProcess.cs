using System.Diagnostics;
using System.Text;
using Axis.Hub;

namespace Axis.TestKit;

/// <summary>The hub's own program, which can be killed like any process.</summary>
public sealed class HubProcess : IHubRun
{
    private readonly Process _process;
    private readonly StringBuilder _log;

    private HubProcess(Process process, StringBuilder log, Uri http)
    {
        _process = process;
        _log = log;
        Http = http;
    }

    public Uri Http { get; }

    public static async Task<HubProcess> StartAsync(IReadOnlyDictionary<string, string?> settings)
    {
        var start = new ProcessStartInfo("dotnet", typeof(HubApplication).Assembly.Location)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        var process = Process.Start(start)!;
        var log = new StringBuilder();
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var hub = new HubProcess(process, log, new Uri(settings["Listen:Http"]!));
        using var client = new HttpClient { BaseAddress = new Uri(settings["Listen:Ops"]!) };
        await Eventually.HoldsAsync(
            async () =>
            {
                if (process.HasExited)
                {
                    throw new InvalidOperationException(
                        $"The hub ended with {process.ExitCode}: {hub.Log}"
                    );
                }
                try
                {
                    using var ready = await client.GetAsync(
                        new Uri("health/ready", UriKind.Relative)
                    );
                    return ready.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(60)
        );
        return hub;

        void Keep(string? line)
        {
            lock (log)
            {
                log.AppendLine(line);
            }
        }
    }

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    // The process listens for registry changes by itself.
    public Task RefreshRegistryAsync() => Task.CompletedTask;

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
