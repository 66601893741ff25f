using Axis.TestKit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Axis.Hub.Tests.Storage;

/// <summary>Lets the client think, after it has read a table, until its session was silent for twice its time.</summary>
internal sealed class LongPause(NpgsqlDataSource database) : ILoggerFactory, ILogger
{
    public const string Application = "axis-long-pause";

    public bool Happened { get; private set; }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) { }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (
            Happened
            || eventId.Name != "CommandExecutionCompleted"
            || !formatter(state, exception).Contains("FROM delivery t", StringComparison.Ordinal)
        )
        {
            return;
        }
        Happened = true;
        Eventually
            .HoldsAsync(async () =>
            {
                await using var command = database.CreateCommand(
                    $"""
                    SELECT count(*) FROM pg_stat_activity WHERE application_name = '{Application}'
                        AND NOT (state = 'idle in transaction'
                            AND clock_timestamp() - state_change > interval '1 second')
                    """
                );
                return await command.ExecuteScalarAsync() is 0L;
            })
            .GetAwaiter()
            .GetResult();
    }

    public void Dispose() { }
}
