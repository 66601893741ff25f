using System.Globalization;
using System.Runtime.InteropServices;

namespace Axis.LocalServers.Processes;

/// <summary>The signals that are sent here.</summary>
public enum Signal
{
    Kill = 9,

    /// <summary>SIGUSR1: to a supervisor, kill the server.</summary>
    Crash = 10,
    Terminate = 15,
    Continue = 18,

    /// <summary>Suspends until Continue.</summary>
    Stop = 19,
}

/// <summary>A process or process group known by number and start time, because numbers are used again.</summary>
public sealed record ProcessIdentity(int Id, long StartedAtTicks)
{
    /// <summary>Null when there is no such process, or only its unreaped remains.</summary>
    public static ProcessIdentity? Of(int id)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{id}/stat");
        }
        catch (IOException)
        {
            return null;
        }

        // proc(5): the second field is the name in parentheses and may hold anything; state is field 3, start time 22.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X"
            ? null
            : new ProcessIdentity(id, long.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    public bool IsAlive => Of(Id) == this;

    public void Send(Signal signal)
    {
        if (IsAlive)
        {
            _ = NativeProcess.Kill(Id, (int)signal);
        }
    }

    /// <summary>To the whole group this process leads, whether the leader still lives or not.</summary>
    public void SendToGroup(Signal signal)
    {
        if (Of(Id) is not { } now || now == this)
        {
            _ = NativeProcess.Kill(-Id, (int)signal);
        }
    }

    /// <summary>Asks with <paramref name="signal"/>, waits, and at the end of patience kills the whole group.</summary>
    public async Task EndAsync(
        Signal signal,
        TimeSpan patience,
        CancellationToken cancellation = default
    )
    {
        Send(signal);
        if (!await WaitForExitAsync(patience, cancellation))
        {
            SendToGroup(Signal.Kill);
            await WaitForExitAsync(patience, cancellation);
        }
    }

    /// <returns>False when it still lives after <paramref name="limit"/>.</returns>
    public async Task<bool> WaitForExitAsync(
        TimeSpan limit,
        CancellationToken cancellation = default
    )
    {
        var start = TimeProvider.System.GetTimestamp();
        while (IsAlive)
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                return false;
            }

            await Task.Delay(25, cancellation);
        }

        return true;
    }
}

internal static partial class NativeProcess
{
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Kill(int pid, int signal);
}
