using Microsoft.Extensions.Logging;

namespace Axis.TestKit;

/// <summary>Warnings and errors of the hub, on standard error beside the test that caused them.</summary>
public sealed class WarningsToError : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Writer(categoryName);

    public void Dispose() { }

    private sealed class Writer(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) =>
            Console.Error.WriteLine(
                $"{logLevel} {category}: {formatter(state, exception)} {exception}"
            );
    }
}
