using Npgsql;

namespace Axis.LocalServers;

internal static class Databases
{
    /// <summary>Makes the database unless there is one of that name.</summary>
    /// <returns>Its connection string: <paramref name="connectionString"/> with that name.</returns>
    public static async Task<string> EnsureAsync(
        string connectionString,
        string name,
        CancellationToken cancellation
    )
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var source = NpgsqlDataSource.Create(unpooled);
        await using var exists = source.CreateCommand(
            "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
        );
        exists.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        if (await exists.ExecuteScalarAsync(cancellation) is not true)
        {
            var quoted = name.Replace("\"", "\"\"", StringComparison.Ordinal);
            await using var create = source.CreateCommand($"CREATE DATABASE \"{quoted}\"");
            await create.ExecuteNonQueryAsync(cancellation);
        }

        return new NpgsqlConnectionStringBuilder(connectionString)
        {
            Database = name,
        }.ConnectionString;
    }
}
