using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>
/// For statements that look into every month, which take longer to plan than to run: such a plan is made once for each
/// connection. Whole tables are ruled out for it, so it does not matter how empty they were then.
/// </summary>
/// <remarks>All others are planned each time: <see cref="HubDatabase"/>.</remarks>
internal static class KeptPlan
{
    // Both hold to the end of the transaction, and a batch is one.
    private const string Keep =
        "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)";

    /// <summary>The rows of the statement.</summary>
    public static async Task<NpgsqlDataReader> ReadAsync(
        NpgsqlBatch batch,
        string sql,
        object[] values,
        CancellationToken cancellationToken
    )
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Keep));
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        batch.BatchCommands.Add(command);
        var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return reader;
    }
}
