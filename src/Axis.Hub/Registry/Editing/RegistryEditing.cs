using System.Data;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Npgsql;

namespace Axis.Hub.Registry.Editing;

/// <summary>What a change would do, or did: decided from one version of the registry.</summary>
/// <param name="Edit">Null when there are errors.</param>
public sealed record PlannedEdit(RegistryEdit? Edit, IReadOnlyList<ErrorItem> Errors);

/// <param name="Version">Of the registry that the plan was made from.</param>
/// <param name="Applied">False: shown only, or refused.</param>
public sealed record EditOutcome(long Version, bool Applied, PlannedEdit Plan);

/// <summary>
/// The one way in which operators change agencies: lock the version, read it, plan from it, write, tell, in one
/// transaction. A dry run plans from the same reading and stops.
/// </summary>
public sealed class RegistryEditing(
    NpgsqlDataSource database,
    RegistryCache cache,
    RegistryReader reader,
    AuditLog audit,
    TimeProvider clock
)
{
    public async Task<EditOutcome> RunAsync(
        Func<RegistrySnapshot, DateTimeOffset, PlannedEdit> plan,
        EditRequest request,
        CancellationToken cancellationToken
    )
    {
        EditOutcome outcome;
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        {
            // Under the lock each statement may see the newest; without it all must see the same.
            await using var transaction = await connection.BeginTransactionAsync(
                request.Apply ? IsolationLevel.ReadCommitted : IsolationLevel.RepeatableRead,
                cancellationToken
            );
            if (request.Apply)
            {
                await LockAsync(connection, cancellationToken);
            }
            var now = clock.GetUtcNow();
            var snapshot = await reader.ReadAsync(
                connection,
                cache.Current,
                now,
                cancellationToken
            );
            if (request.Expect is { } expected && expected != snapshot.Version)
            {
                return Refused(
                    snapshot,
                    RegistryErrors.MovedOn.At("expect", null, expected, snapshot.Version)
                );
            }
            var planned = plan(snapshot, now);
            var applies = request.Apply && planned.Errors.Count == 0;
            outcome = new(snapshot.Version, applies, planned);
            if (applies && !planned.Edit!.IsEmpty)
            {
                await new RegistryWriter(connection).WriteAsync(
                    planned.Edit,
                    request.Actor,
                    now,
                    cancellationToken
                );
                await transaction.CommitAsync(cancellationToken);
            }
        }
        if (request.Apply)
        {
            await audit.RecordAsync(
                request.Action,
                outcome.Applied ? AuditOutcome.Ok : AuditOutcome.Refused,
                request.Actor,
                request.Remote,
                new { outcome.Version, Changes = outcome.Plan.Edit?.Changes.Count ?? 0 }
            );
            await cache.RefreshAsync(cancellationToken);
        }
        return outcome;
    }

    private static EditOutcome Refused(RegistrySnapshot snapshot, ErrorItem error) =>
        new(snapshot.Version, Applied: false, new PlannedEdit(null, [error]));

    private static async Task LockAsync(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            "SELECT version FROM registry_version FOR UPDATE",
            connection
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>Who asks for which change, and whether to make it or only to show it.</summary>
public sealed record EditRequest(
    string Action,
    string Actor,
    string? Remote,
    bool Apply,
    long? Expect = null
);
