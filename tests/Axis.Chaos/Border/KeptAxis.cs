using System.Diagnostics;
using System.Net.Http.Json;
using Axis.LocalServers.Processes;
using Axis.NationalSim.Control;

namespace Axis.Chaos.Border;

/// <summary>
/// The simulated national axis as a process of its own that keeps what it takes in a folder, and the trainer's side of
/// it, which leads past the network that is struck.
/// </summary>
internal sealed class KeptAxis : IAsyncDisposable
{
    public const string SystemId = "axis.h99";

    /// <summary>Two weeks of a far office in twelve seconds.</summary>
    private const int Scale = 100_000;

    private const int MostLetters = 100_000;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly string[] _arguments;
    private readonly HttpClient _http;
    private Process _process = null!;

    private KeptAxis(int port, string[] arguments)
    {
        _arguments = arguments;
        _http = new HttpClient
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}/sim/"),
            Timeout = TimeSpan.FromSeconds(10),
        };
    }

    public static async Task<KeptAxis> StartAsync(
        int port,
        int seed,
        string folder,
        CancellationToken cancellation
    )
    {
        Directory.CreateDirectory(folder);
        var known = Path.Combine(folder, "known.csv");
        await File.WriteAllLinesAsync(known, FarProvince.CatalogueLines(), cancellation);
        var axis = new KeptAxis(
            port,
            [
                Path.Combine(AppContext.BaseDirectory, "axis.dll"),
                .. $"national-sim --port {port} --seed {seed} --scale {Scale} --agencies 100".Split(
                    ' '
                ),
                .. (string[])["--system", $"{SystemId}=H99", "--known", known],
                .. (string[])["--secrets", folder, "--state", Path.Combine(folder, "state")],
                // A repeat is another letter there, so that none goes unseen.
                .. (string[])["--vice", "forgets-repeats"],
            ]
        );
        axis.Run();
        await axis.WaitUntilReadyAsync(cancellation);
        return axis;
    }

    public static string SecretFileIn(string folder) => Path.Combine(folder, $"{SystemId}.secret");

    /// <summary>kill -9, away for a while, and started again on what it had written down.</summary>
    public async Task KillAsync(TimeSpan away, CancellationToken cancellation)
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        await Pause.AtMostAsync(away, cancellation);
        Run();
        await WaitUntilReadyAsync(cancellation);
    }

    public async Task FreezeAsync(TimeSpan time, CancellationToken cancellation)
    {
        var identity = ProcessIdentity.Of(_process.Id);
        identity?.Send(Signal.Stop);
        await Pause.AtMostAsync(time, cancellation);
        identity?.Send(Signal.Continue);
    }

    public async Task SwitchAsync(string vice, object settings, CancellationToken cancellation)
    {
        using var answer = await _http.PutAsJsonAsync($"vices/{vice}", settings, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    public async Task ClearAsync(string vice, CancellationToken cancellation)
    {
        using var answer = await _http.DeleteAsync(
            new Uri($"vices/{vice}", UriKind.Relative),
            cancellation
        );
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A far agency writes a letter; null when the axis is away, and perhaps took it all the same.</summary>
    public async Task<LetterView?> WriteAsync(object wish, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.PostAsJsonAsync("letters", wish, cancellation);
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadFromJsonAsync<LetterView>(cancellation);
        }
        catch (Exception away) when (IsAway(away, cancellation))
        {
            return null;
        }
    }

    /// <summary>The ledger of the far side: every document, and what became of it. Null when the axis is away.</summary>
    public Task<IReadOnlyList<LetterView>?> LettersAsync(CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<LetterView>>($"letters?limit={MostLetters}", cancellation);

    public Task<SimView?> ViewAsync(CancellationToken cancellation) =>
        ReadAsync<SimView>("", cancellation);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }

    private void Run()
    {
        _process = Process.Start(
            new ProcessStartInfo("dotnet", _arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                // It is killed; the socket and pipe for diagnostics would stay.
                Environment = { ["DOTNET_EnableDiagnostics"] = "0" },
            }
        )!;
        // What it says at each start is for people.
        _process.BeginOutputReadLine();
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        while (await ViewAsync(cancellation) is null)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException(
                    $"The simulated axis ended with {_process.ExitCode}."
                );
            }
            await Pause.ForAsync(LookInterval, cancellation);
        }
    }

    private async Task<T?> ReadAsync<T>(string path, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await _http.GetFromJsonAsync<T>(new Uri(path, UriKind.Relative), cancellation);
        }
        catch (Exception away) when (IsAway(away, cancellation))
        {
            return null;
        }
    }

    private static bool IsAway(Exception failure, CancellationToken cancellation) =>
        failure is HttpRequestException or IOException
        || (failure is OperationCanceledException && !cancellation.IsCancellationRequested);
}
