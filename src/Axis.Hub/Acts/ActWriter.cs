using Axis.EdXml;
using Axis.Hub.Deadlines;
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
    DeadlineMoves deadlines,
    RegistryCache registry,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    private const string Link = """
        INSERT INTO package_link (package_id, target_package_id, business)
        SELECT $1, t, $3 FROM unnest($2) AS t
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
        var locked = await LettersWithUpdates.TakeAsync(
            connection,
            transaction,
            letters,
            leaving: letters,
            cancellationToken
        );
        // The clock is read with the locks in hand: what happens later to a delivery is later in its history.
        var now = clock.GetUtcNow();
        var packageId = ids.Next();
        var cause = new LifeCause(
            now,
            WordOf(header.Business.Type),
            act.Caller.Id,
            header.Business.Reason
        )
        {
            ActPackageId = packageId,
            ActDocumentId = header.DocumentId,
        };
        var plan = new ActPlanning(document, targets, locked, snapshot, cause).Plan();
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
        var moved = await deadlines.FollowAsync(
            connection,
            plan.Changes,
            header.DueDate?.Date,
            cancellationToken
        );
        if (targets.IsKnown)
        {
            await LinkAsync(connection, acceptance, targets, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        acceptances.Announce(acceptance);
        changes.Announce(plan.Changes, [.. events, .. moved]);
        return (new Acceptance.Written(), acceptance.ReceiptJson);
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
