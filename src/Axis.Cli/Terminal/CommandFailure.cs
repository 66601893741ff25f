namespace Axis.Cli.Terminal;

/// <summary>Ends the command with an exit code and a sentence for the user.</summary>
internal sealed class CommandFailure(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
