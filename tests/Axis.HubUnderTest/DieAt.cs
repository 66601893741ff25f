using System.Diagnostics;
using System.Globalization;
using Axis.Hub;

namespace Axis.HubUnderTest;

/// <summary>Kills the process, as <c>kill -9</c> does, when it passes a place for the n-th time.</summary>
public sealed class DieAt(CrashPoint place, int passage) : ICrashPoints
{
    /// <summary><c>AXIS_TEST_DIE_AT=place[:n]</c></summary>
    public const string Variable = "AXIS_TEST_DIE_AT";

    private int _passed;

    public static DieAt? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable)?.Split(':') is [var place, .. var n]
            ? new DieAt(
                Enum.Parse<CrashPoint>(place),
                n is [var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 1
            )
            : null;

    public void Pass(CrashPoint point)
    {
        if (point == place && Interlocked.Increment(ref _passed) == passage)
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
            // The signal is on its way; nothing more is done here.
            using var never = new ManualResetEventSlim();
            never.Wait();
        }
    }
}
