using Axis.Cli.Terminal;
using Axis.LocalServers.Processes;

namespace Axis.Cli.Local;

/// <summary>A .NET program of ours that runs on this machine beside the command, as a process of its own.</summary>
/// <param name="name">As a sentence begins with it: "The hub".</param>
/// <param name="log">Where its output goes; begun anew at each start.</param>
/// <param name="readyAt">Answers with success from when it is ready.</param>
internal sealed class LocalProgram(string name, string log, Uri readyAt, TimeSpan startLimit)
{
    private const int LastWordsOf = 12;

    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(10);

    /// <summary>Starts it and returns when it is ready. One that does not get there is ended again.</summary>
    public async Task<SupervisedProcess> StartAsync(
        bool detached,
        IReadOnlyList<string> words,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellation
    )
    {
        File.Delete(log);
        var process = SupervisedProcess.Start(
            new ServerCommand(
                Account: null,
                StopSignal: "TERM",
                log,
                detached,
                ["dotnet", .. words],
                environment
            )
        );
        try
        {
            await WaitUntilReadyAsync(process.Identity, cancellation);
            return process;
        }
        catch
        {
            await process.Identity.EndAsync(Signal.Terminate, s_endLimit, CancellationToken.None);
            process.Dispose();
            throw;
        }
    }

    private async Task WaitUntilReadyAsync(ProcessIdentity process, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        while (!await IsReadyAsync(http, cancellation))
        {
            if (!process.IsAlive || TimeProvider.System.GetElapsedTime(start) > startLimit)
            {
                throw new CommandFailure(
                    ExitCodes.Unreachable,
                    $"{name} did not start.\n{LastWords()}"
                );
            }

            await Task.Delay(100, cancellation);
        }
    }

    private async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.GetAsync(readyAt, cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e)
            when (e is HttpRequestException || !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private string LastWords() =>
        File.Exists(log)
            ? $"Its last words, from {log}:\n{string.Join('\n', File.ReadLines(log).TakeLast(LastWordsOf))}"
            : "";
}
