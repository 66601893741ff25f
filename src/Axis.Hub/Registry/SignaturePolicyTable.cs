using Npgsql;

namespace Axis.Hub.Registry;

/// <summary>Writes policies. A row is known by whom it concerns and when it begins.</summary>
public static class SignaturePolicyTable
{
    /// <summary>Adds and changes what the rows say, and leaves alone what they do not. Returns the rows written.</summary>
    public static async Task<int> UpsertAsync(
        NpgsqlConnection connection,
        IReadOnlyList<SignaturePolicyRow> rows,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO signature_policy AS p (agency_id, office_system_id, route, policy, valid_from, valid_to)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
            ON CONFLICT (agency_id, office_system_id, route, valid_from)
                DO UPDATE SET policy = excluded.policy, valid_to = excluded.valid_to
                WHERE (p.policy, p.valid_to) IS DISTINCT FROM (excluded.policy, excluded.valid_to)
            """,
            connection
        );
        Add(rows.Select(row => row.AgencyId).ToArray());
        Add(rows.Select(row => row.OfficeSystemId).ToArray());
        Add(rows.Select(row => row.Route).ToArray());
        Add(rows.Select(row => RegistryNames.Of(row.Policy)).ToArray());
        // The ends of .NET's time are PostgreSQL's infinities.
        Add(rows.Select(row => row.ValidFrom.UtcDateTime).ToArray());
        Add(rows.Select(row => row.ValidTo.UtcDateTime).ToArray());
        return await command.ExecuteNonQueryAsync(cancellationToken);

        void Add(object values) => command.Parameters.Add(new() { Value = values });
    }
}
