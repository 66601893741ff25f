using Axis.EdXml;
using Axis.Hub.Deadlines;
using Axis.Hub.Delivery;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Routing;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.National;

/// <summary>
/// Brings a letter from another axis, which its other recipients have, to those of ours who were not known when it came.
/// The package stays one; each of them gets a delivery as if it had been known.
/// </summary>
internal sealed class LateRecipients(
    NpgsqlDataSource database,
    RegistryCache registry,
    DeadlinePlan deadlines,
    InboxSignal inboxes,
    InboxNews news,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    // The lock keeps two operators from bringing it twice.
    private const string Find = """
        SELECT i.axis, i.source_id, i.missing, coalesce(p.priority, 0::smallint), p.due_on, i.document_id, EXISTS (
            SELECT 1 FROM package_link l WHERE l.target_package_id = p.id AND l.business = 1), p.business
        FROM far_inward i LEFT JOIN package p ON p.id = i.source_id
        WHERE i.id = $1 AND i.settled_at IS NULL AND i.missing <> '{}'
        FOR UPDATE OF i
        """;

    private const string Write = """
        WITH brought AS (
            INSERT INTO delivery (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route,
                office_system_id, urgent, state, created_at, changed_at, next_attempt_at, substitution)
            SELECT d.id, p.id, p.sender_agency_id, d.agency_id, d.code, 'office_system', d.office_system_id,
                p.priority > 0, d.state, $7, $7, CASE WHEN d.state = 'waiting' THEN $7::timestamptz END, d.substitution
            FROM unnest($2, $3, $4, $5, $6, $9) AS d (id, agency_id, code, office_system_id, state, substitution)
                JOIN package p ON p.id = $1
            WHERE NOT EXISTS (
                SELECT 1 FROM delivery o WHERE o.package_id = p.id AND o.recipient_agency_id = d.agency_id)
            RETURNING id, recipient_agency_id
        ),
        parties AS (
            UPDATE package SET parties = (
                SELECT array_agg(DISTINCT party) FROM unnest(parties || $3) AS party)
            WHERE id = $1 AND EXISTS (SELECT 1 FROM brought)
        ),
        late AS (
            INSERT INTO late_letter (delivery_id, since, next) SELECT id, $7, 'arrival' FROM brought
        ),
        clocks AS (
            INSERT INTO deadline (delivery_id, kind, package_id, sender_agency_id, recipient_agency_id, started_at,
                first_due_at, due_at, next_reminder_at)
            SELECT b.id, c.kind, p.id, p.sender_agency_id, b.recipient_agency_id, $7, c.due_at, c.due_at,
                c.next_reminder_at
            FROM unnest($11, $12, $13, $14) AS c (delivery_id, kind, due_at, next_reminder_at)
                JOIN brought b ON b.id = c.delivery_id JOIN package p ON p.id = $1
        )
        INSERT INTO delivery_history (id, delivery_id, at, what, actor)
        SELECT h.id, h.delivery_id, $7, 'accepted', $8
        FROM unnest($10, $2) AS h (id, delivery_id) JOIN brought b ON b.id = h.delivery_id
        """;

    private const string Still = """
        UPDATE far_inward SET missing = $2, reasons = $3,
            settled_at = CASE WHEN $2 = '{}' THEN $4::timestamptz END, settled_by = CASE WHEN $2 = '{}' THEN $5 END
        WHERE id = $1
        """;

    /// <summary>Null when nobody is missing any more.</summary>
    public async Task<ReplayedItem?> BringAsync(
        Guid itemId,
        string by,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(connection, itemId, cancellationToken) is not { } letter)
        {
            return null;
        }
        if (letter.IsTakenBack)
        {
            ErrorItem[] takenBack = [FarErrors.TakenBack.At(null, null, letter.DocumentId)];
            return new ReplayedItem(FarArrival.Undeliverable, letter.PackageId, takenBack);
        }
        // A recall or an update says nothing to who has no letter; a package whose month has left has no bytes to bring.
        if (letter.Business is not (0 or 3))
        {
            ErrorItem[] nothing = [FarErrors.NothingToBring.At(null, null, letter.DocumentId)];
            return new ReplayedItem(FarArrival.Undeliverable, letter.PackageId, nothing);
        }
        var planned = new List<PlannedDelivery>();
        var missing = new List<string>();
        var reasons = new List<ErrorItem>();
        foreach (var code in letter.Missing)
        {
            var errors = new List<ErrorItem>();
            var plan = Router.Plan([PartyOf(code)], registry.Current, clock.GetUtcNow(), errors);
            if (plan is [{ OfficeSystem: not null } delivery])
            {
                planned.Add(delivery);
                continue;
            }
            missing.Add(code);
            reasons.AddRange(errors);
            if (errors.Count == 0)
            {
                reasons.Add(RoutingErrors.NotOfThisProvince.At(null, code));
            }
        }
        PlannedDelivery[] distinct = [.. planned.DistinctBy(one => one.Recipient.Id)];
        var told = await WriteAsync(connection, letter, distinct, cancellationToken);
        await using (var still = new NpgsqlCommand(Still, connection))
        {
            still.Parameters.Add(new() { Value = itemId });
            still.Parameters.Add(new() { Value = missing.ToArray() });
            Add(still, FarInwardStore.ReasonsOf(reasons), NpgsqlDbType.Json);
            still.Parameters.Add(new() { Value = clock.GetUtcNow() });
            still.Parameters.Add(new() { Value = by });
            await still.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        news.Announce(told);
        foreach (var one in distinct)
        {
            inboxes.Ring(one.OfficeSystem!.Id);
        }
        return new ReplayedItem(
            missing.Count == 0 ? FarArrival.Accepted : FarArrival.Undeliverable,
            letter.PackageId,
            reasons
        );
    }

    /// <summary>Returns what is to be announced after the commit.</summary>
    private async Task<List<PlannedEvent>> WriteAsync(
        NpgsqlConnection connection,
        LateLetter letter,
        PlannedDelivery[] planned,
        CancellationToken cancellationToken
    )
    {
        if (planned.Length == 0)
        {
            return [];
        }
        var now = clock.GetUtcNow();
        var deliveries = planned.Select(_ => TimeOrderedIds.Beside(letter.PackageId)).ToArray();
        var clocks = deliveries
            .SelectMany(id => deadlines.OfDelivery(id, letter.Priority, letter.DueOn, now))
            .ToArray();
        await using var write = new NpgsqlCommand(Write, connection);
        write.Parameters.Add(new() { Value = letter.PackageId });
        write.Parameters.Add(new() { Value = deliveries });
        write.Parameters.Add(new() { Value = planned.Select(one => one.Recipient.Id).ToArray() });
        write.Parameters.Add(new() { Value = planned.Select(one => one.RecipientCode).ToArray() });
        write.Parameters.Add(
            new() { Value = planned.Select(one => one.OfficeSystem!.Id).ToArray() } // $5
        );
        write.Parameters.Add(
            new()
            {
                Value = planned
                    .Select(one => new Intake.AcceptedDelivery(Guid.Empty, one).State)
                    .ToArray(),
            }
        );
        write.Parameters.Add(new() { Value = now });
        write.Parameters.Add(new() { Value = FarAxes.SystemIdOf(letter.Axis) });
        Add(
            write,
            planned.Select(one => Substitutions.ToJson(one.Substitution)).ToArray(),
            NpgsqlDbType.Array | NpgsqlDbType.Json
        );
        write.Parameters.Add(new() { Value = planned.Select(_ => ids.Next()).ToArray() }); // $10
        write.Parameters.Add(new() { Value = clocks.Select(one => one.DeliveryId).ToArray() });
        write.Parameters.Add(new() { Value = clocks.Select(one => one.Kind).ToArray() });
        write.Parameters.Add(new() { Value = clocks.Select(one => one.DueAt).ToArray() });
        Add(
            write,
            clocks.Select(one => one.NextReminderAt).ToArray(),
            NpgsqlDbType.Array | NpgsqlDbType.TimestampTz
        );
        await write.ExecuteNonQueryAsync(cancellationToken);
        Guid[] asked =
        [
            .. deliveries
                .Zip(planned)
                .Where(pair => news.IsAskedBy(pair.Second.OfficeSystem!.Id))
                .Select(pair => pair.First),
        ];
        return await news.WriteAsync(connection, asked, now, cancellationToken);
    }

    private static async Task<LateLetter?> FindAsync(
        NpgsqlConnection connection,
        Guid itemId,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Find, connection)
        {
            Parameters = { new() { Value = itemId } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new LateLetter(
                reader.GetString(0),
                reader.GetGuid(1),
                reader.GetFieldValue<string[]>(2),
                reader.GetInt16(3),
                reader.GetFieldValue<DateOnly?>(4),
                reader.GetString(5),
                reader.GetBoolean(6),
                reader.GetFieldValue<short?>(7)
            )
            : null;
    }

    private static Party PartyOf(string code) =>
        new() { OrganId = code, Code = AgencyCode.TryParse(code, out var read) ? read : null };

    private static void Add(NpgsqlCommand command, object? value, NpgsqlDbType type) =>
        command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });

    private sealed record LateLetter(
        string Axis,
        Guid PackageId,
        string[] Missing,
        int Priority,
        DateOnly? DueOn,
        string DocumentId,
        bool IsTakenBack,
        short? Business
    );
}
