using Axis.EdXml;
using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Acts;

/// <summary>A recall, update or replacement that passed the checks, with its bytes at rest.</summary>
public sealed record ActSubmission(
    CheckedDocument Document,
    OfficeSystem Caller,
    Door Door,
    PackageSpool Spool,
    byte[]? InlineBytes,
    Func<Receipt, Receipt> Sign
);

/// <summary>
/// Carries out a recall, update or replacement in one transaction: locks the letter's deliveries, judges each by the
/// lifecycle, writes the act's own package and deliveries, and what changed. Acts are few; they share no transactions.
/// </summary>
public sealed class ActWriter(
    NpgsqlDataSource database,
    AcceptanceWriter acceptances,
    LifeChangeWriter changes,
    RegistryCache registry,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    private const string Link = """
        INSERT INTO package_link (package_id, target_package_id, business)
        SELECT $1, t, $3 FROM unnest($2) AS t
        """;

    // An update is linked to its letter, and its deliveries are found by their package. It may be linked to several that
    // are asked for: to the letter, and to the update that was a letter to who had lost the first.
    private const string Updates = """
        SELECT DISTINCT d.id, d.about FROM package_link l JOIN delivery d ON d.package_id = l.package_id
        WHERE l.target_package_id = ANY($1) AND l.business = 2 AND d.about = ANY($2)
        """;

    /// <returns>Written with its receipt, or why not.</returns>
    public async Task<(Acceptance Acceptance, string ReceiptJson)> WriteAsync(
        ActSubmission act,
        CancellationToken cancellationToken
    )
    {
        var snapshot = registry.Current;
        var (document, header) = (act.Document, act.Document.Header);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var targets = await ActTargets.FindAsync(
            connection,
            header,
            document.Sender,
            snapshot,
            clock.GetUtcNow(),
            cancellationToken
        );
        if (targets.Refusal is { } refusal)
        {
            return (new Acceptance.Unclear(refusal), "");
        }
        var letters = targets.Deliveries.SelectMany(deliveries => deliveries).ToArray();
        var updates =
            header.Business.Type == BusinessType.Recall
                ? await UpdatesOfAsync(connection, targets.Packages, letters, cancellationToken)
                : [];
        var locked = await DeliveryLocks.TakeAsync(
            connection,
            [.. letters, .. updates.Keys],
            cancellationToken
        );
        // The clock is read with the locks in hand: what happens later to a delivery is later in its history.
        var now = clock.GetUtcNow();
        var packageId = ids.Next();
        var plan = new ActPlanning(
            document,
            targets,
            locked,
            updates.ToLookup(one => one.Value, one => one.Key),
            snapshot,
            new LifeCause(now, WordOf(header.Business.Type), act.Caller.Id, header.Business.Reason)
            {
                ActPackageId = packageId,
                ActDocumentId = header.DocumentId,
            }
        ).Plan();
        var acceptance = DocumentAcceptance.Of(
            document,
            act.Caller,
            act.Door,
            act.Spool,
            act.InlineBytes,
            now,
            ids,
            packageId,
            act.Sign,
            plan
        );
        // A second copy of this act waited for the locks above; it finds the key taken here, and undoes what it judged.
        if (!await acceptances.WriteWithinAsync(connection, acceptance, cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            return (await acceptances.FindFirstAsync(acceptance, cancellationToken), "");
        }
        var events = await changes.WriteAsync(connection, plan.Changes, cancellationToken);
        if (targets.IsKnown)
        {
            await LinkAsync(connection, acceptance, targets, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        acceptances.Announce(acceptance);
        changes.Announce(plan.Changes, events);
        return (new Acceptance.Written(), acceptance.ReceiptJson);
    }

    /// <summary>Deliveries of updates, each with the letter's delivery that it tells of.</summary>
    private static async Task<Dictionary<Guid, Guid>> UpdatesOfAsync(
        NpgsqlConnection connection,
        IReadOnlyList<Guid> packages,
        Guid[] letters,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Updates, connection);
        command.Parameters.Add(new() { Value = packages.ToArray() });
        command.Parameters.Add(new() { Value = letters });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var updates = new Dictionary<Guid, Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            updates.Add(reader.GetGuid(0), reader.GetGuid(1));
        }
        return updates;
    }

    private static async Task LinkAsync(
        NpgsqlConnection connection,
        DocumentAcceptance acceptance,
        ActTargets targets,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Link, connection);
        command.Parameters.Add(new() { Value = acceptance.PackageId });
        command.Parameters.Add(new() { Value = targets.Packages.ToArray() });
        command.Parameters.Add(new() { Value = (short)acceptance.Document.Header.Business.Type });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string WordOf(BusinessType type) =>
        type switch
        {
            BusinessType.Recall => HistoryWords.Recall,
            BusinessType.Update => HistoryWords.Update,
            _ => HistoryWords.Replace,
        };
}
