using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Operations;

/// <summary>Questions of operators to the database. None takes longer than <see cref="OperationsOptions.QueryTimeout"/>.</summary>
public sealed class OpsQueries(NpgsqlDataSource database, IOptions<OperationsOptions> options)
{
    public async Task<List<T>> QueryAsync<T>(
        string sql,
        object? parameters,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<T>(
            new CommandDefinition(
                sql,
                parameters,
                commandTimeout: (int)options.Value.QueryTimeout.TotalSeconds,
                cancellationToken: cancellationToken
            )
        );
        return rows.AsList();
    }
}
