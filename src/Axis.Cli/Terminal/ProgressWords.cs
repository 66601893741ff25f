namespace Axis.Cli.Terminal;

/// <summary>Progress goes to standard error, so that standard output holds only answers.</summary>
internal sealed class ProgressWords : IProgress<string>
{
    public void Report(string value) => Console.Error.WriteLine(value);
}
