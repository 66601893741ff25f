using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>The pool of connections to PostgreSQL: one server, or several of which the one that takes writes is used.</summary>
internal static class HubDatabase
{
    // Just-in-time compilation never pays for rows by the dozen.
    // A hub that loses its network in the middle of a transaction leaves a session that waits for its next statement
    // with its locks held, and everybody who needs those rows behind it: for two hours, by the system's keep-alive.
    // No transaction of the hub thinks for seconds between two statements, so such a session is ended.
    // A statement is planned each time it runs, for the rows it asks for and the tables as they are: half a millisecond
    // for a batch. A plan that is kept was made when a month had just begun and its tables were empty, and reads them
    // from end to end until the next ANALYZE, however full they are by then (docs/performance.md).
    private const string SessionOptions =
        "-c jit=off -c plan_cache_mode=force_custom_plan -c idle_in_transaction_session_timeout=10s"
        + " -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    public static NpgsqlDataSource Open(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
        var builder = new NpgsqlDataSourceBuilder(options.ConnectionString)
        {
            // What metrics call the pool; by default that would be the connection string.
            Name = "axis",
        };
        builder.UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>());
        var settings = builder.ConnectionStringBuilder;
        settings.ApplicationName ??= "axis-hub";
        // The hub runs few statements, again and again: they are sent and parsed once for each connection.
        if (settings.MaxAutoPrepare == 0)
        {
            settings.MaxAutoPrepare = 100;
        }
        // No session of the pool is left with anything that would have to be put back: settings (but PatientSession's) and
        // temporary tables end with their transactions, and locks are given back or end with their connection. Npgsql would see to it with
        // seven statements each time that a connection is used.
        settings.NoResetOnClose = true;
        // What the operator gives comes later, and so has the last word.
        settings.Options = $"{SessionOptions} {settings.Options}".TrimEnd();
        // A commit that waits for the synchronous standby and is cancelled counts as done for PostgreSQL, although the
        // standby does not have it. Breaking the connection instead makes it an open question, which a repeat answers
        // (see AcceptanceWriter).
        settings.CancellationTimeout = -1;
        return settings.Host?.Contains(',', StringComparison.Ordinal) == true
            ? OpenWritable(builder)
            : builder.Build();
    }

    private static NpgsqlDataSource OpenWritable(NpgsqlDataSourceBuilder builder)
    {
        var settings = builder.ConnectionStringBuilder;
        // Which of the servers it is changes with a fail-over, and is asked again this often.
        if (!settings.ContainsKey(RecheckSeconds))
        {
            settings.HostRecheckSeconds = 1;
        }
        settings.TargetSessionAttributes = null;
        return builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.ReadWrite);
    }

    private const string RecheckSeconds = "Host Recheck Seconds";
}
