using Spectre.Console;

namespace Axis.Cli.Files;

/// <summary>A progress bar on standard error while files are checked; nothing at all where that is no terminal.</summary>
internal static class CheckProgress
{
    /// <summary>Fewer files than this are done before a bar is read.</summary>
    private const int Worthwhile = 20;

    /// <param name="work">Calls its argument after each file, from any thread.</param>
    public static async Task<T> ShowAsync<T>(int files, Func<Action, Task<T>> work)
    {
        if (Console.IsErrorRedirected || files < Worthwhile)
        {
            return await work(() => { });
        }

        var console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }
        );
        return await console
            .Progress()
            .AutoClear(true)
            .StartAsync(context =>
            {
                var bar = context.AddTask("Checking", maxValue: files);
                return work(() => bar.Increment(1));
            });
    }
}
