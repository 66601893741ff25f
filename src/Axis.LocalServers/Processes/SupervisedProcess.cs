using System.Diagnostics;

namespace Axis.LocalServers.Processes;

/// <summary>How a server process is to be run.</summary>
/// <param name="Account">The user to run as, or null for the present one.</param>
/// <param name="StopSignal">What asks the server for an orderly stop, without SIG.</param>
/// <param name="LogFile">Where it and its supervisor write what they say.</param>
/// <param name="Detached">It outlives us; otherwise it ends when we do, even when we are killed.</param>
/// <param name="Words">The program and its arguments.</param>
/// <param name="Environment">Added to ours, from which settings of other installations are taken out.</param>
internal sealed record ServerCommand(
    string? Account,
    string StopSignal,
    string LogFile,
    bool Detached,
    IReadOnlyList<string> Words,
    IReadOnlyDictionary<string, string> Environment
);

/// <summary>A server under <c>supervise.sh</c>.</summary>
internal sealed class SupervisedProcess : IDisposable
{
    private readonly Process _supervisor;

    private SupervisedProcess(Process supervisor, ProcessIdentity identity)
    {
        _supervisor = supervisor;
        Identity = identity;
    }

    public ProcessIdentity Identity { get; }

    public static SupervisedProcess Start(ServerCommand command)
    {
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        string[] words =
        [
            .. Accounts.Prefix(command.Account),
            "bash",
            "-c",
            Script,
            "supervise",
            command.StopSignal,
            command.Detached ? "no" : "yes",
            command.LogFile,
            .. command.Words,
        ];
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var supervisor =
            Process.Start(start)
            ?? throw new PrivateServersException("setsid could not be started.");
        if (command.Detached)
        {
            supervisor.StandardInput.Close();
        }

        var identity =
            ProcessIdentity.Of(supervisor.Id)
            ?? throw new PrivateServersException(
                $"The server ended at once; see {command.LogFile}."
            );
        return new SupervisedProcess(supervisor, identity);
    }

    public void Dispose() => _supervisor.Dispose();

    private static bool IsForeign(string name) =>
        name.StartsWith("PG", StringComparison.Ordinal)
        || name == "NOTIFY_SOCKET"
        || name.StartsWith("RABBITMQ_", StringComparison.Ordinal)
        || name.StartsWith("ERL_", StringComparison.Ordinal);

    private static string Script { get; } = ReadScript();

    private static string ReadScript()
    {
        using var stream = typeof(SupervisedProcess).Assembly.GetManifestResourceStream(
            "supervise.sh"
        )!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
