using System.Text.Json;
using Axis.Hub.Errors;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Registry.Editing;

/// <summary>
/// Writes an edit in the transaction of its connection: rows travel by COPY into temporary tables, and one statement for
/// each table does the rest, however many there are.
/// </summary>
public sealed class RegistryWriter(NpgsqlConnection connection)
{
    private const string Tables = """
        CREATE TEMP TABLE edit_agency (id uuid, name text, in_charge text, parent_id uuid, kind text, reach text,
            email text, level smallint, status text) ON COMMIT DROP;
        CREATE TEMP TABLE edit_code (code text, agency_id uuid, is_primary boolean, valid_from timestamptz,
            valid_to timestamptz) ON COMMIT DROP;
        CREATE TEMP TABLE edit_closed (agency_id uuid, at timestamptz) ON COMMIT DROP;
        CREATE TEMP TABLE edit_succession (agency_id uuid, successor_id uuid, kind text, effective_at timestamptz)
            ON COMMIT DROP;
        CREATE TEMP TABLE edit_plan (agency_id uuid, effective_at timestamptz, name text, parent_id uuid) ON COMMIT DROP;
        CREATE TEMP TABLE edit_service (agency_id uuid, office_system_id text, since timestamptz) ON COMMIT DROP;
        CREATE TEMP TABLE edit_contact (agency_id uuid, name text, mail text, phone text) ON COMMIT DROP;
        CREATE TEMP TABLE edit_change (agency_id uuid, what text, detail jsonb) ON COMMIT DROP;
        """;

    // Parents and agencies are in one statement: foreign keys are checked at its end.
    private static readonly string[] Statements =
    [
        """
            INSERT INTO agency (id, name, in_charge, parent_id, kind, reach, email, level, status)
            SELECT * FROM edit_agency ORDER BY id
            ON CONFLICT (id) DO UPDATE SET (name, in_charge, parent_id, kind, reach, email, level, status, changed_at) =
                (excluded.name, excluded.in_charge, excluded.parent_id, excluded.kind, excluded.reach, excluded.email,
                    excluded.level, excluded.status, now())
            """,
        """
            INSERT INTO agency_code (code, agency_id, is_primary, valid_from, valid_to)
            SELECT * FROM edit_code ORDER BY code, valid_from
            ON CONFLICT (code, valid_from) DO UPDATE SET (agency_id, is_primary, valid_to) =
                (excluded.agency_id, excluded.is_primary, excluded.valid_to)
            """,
        """
            INSERT INTO agency_succession (agency_id, successor_id, kind, effective_at)
            SELECT * FROM edit_succession ORDER BY agency_id, successor_id
            ON CONFLICT (agency_id, successor_id) DO UPDATE SET (kind, effective_at) =
                (excluded.kind, excluded.effective_at)
            """,
        """
            UPDATE agency a SET closed_at = e.at, changed_at = now() FROM edit_closed e WHERE a.id = e.agency_id
            """,
        """
            INSERT INTO agency_plan (agency_id, effective_at, name, parent_id)
            SELECT * FROM edit_plan ORDER BY agency_id, effective_at
            ON CONFLICT (agency_id, effective_at) DO UPDATE SET (name, parent_id) =
                (coalesce(excluded.name, agency_plan.name), coalesce(excluded.parent_id, agency_plan.parent_id))
            """,
        """
            DELETE FROM office_system_agency s USING edit_service e WHERE s.agency_id = e.agency_id AND s.since >= e.since
            """,
        """
            UPDATE office_system_agency s SET until = e.since
            FROM edit_service e WHERE s.agency_id = e.agency_id AND s.since < e.since AND s.until > e.since
            """,
        """
            INSERT INTO office_system_agency (agency_id, office_system_id, since)
            SELECT agency_id, office_system_id, since FROM edit_service WHERE office_system_id IS NOT NULL ORDER BY 1, 3
            """,
        """
            INSERT INTO agency_contact (agency_id, name, mail, phone)
            SELECT * FROM edit_contact ORDER BY agency_id
            ON CONFLICT (agency_id, ordinal) DO UPDATE SET (name, mail, phone) =
                (excluded.name, excluded.mail, excluded.phone)
            WHERE (agency_contact.name, agency_contact.mail, agency_contact.phone)
                IS DISTINCT FROM (excluded.name, excluded.mail, excluded.phone)
            """,
    ];

    private const string History = """
        INSERT INTO agency_change (at, agency_id, actor, what, detail) SELECT $1, agency_id, $2, what, detail FROM edit_change
        """;

    public async Task WriteAsync(
        RegistryEdit edit,
        string actor,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        await ExecuteAsync(Tables, cancellationToken);
        await FillAsync(edit, cancellationToken);
        await ElapsedPlans.FoldAsync(connection, at, cancellationToken);
        foreach (var statement in Statements)
        {
            await ExecuteAsync(statement, cancellationToken);
        }
        await using var history = new NpgsqlCommand(History, connection);
        history.Parameters.Add(new() { Value = at });
        history.Parameters.Add(new() { Value = actor });
        await history.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task FillAsync(RegistryEdit edit, CancellationToken cancellationToken)
    {
        await CopyAsync(
            "edit_agency (id, name, in_charge, parent_id, kind, reach, email, level, status)",
            edit.Agencies,
            row =>
                [
                    row.Id,
                    row.Name,
                    row.InCharge,
                    row.ParentId,
                    row.Kind,
                    RegistryNames.Of(row.Reach),
                    row.Email,
                    (short?)row.Level,
                    RegistryNames.Of(row.Status),
                ],
            cancellationToken
        );
        await CopyAsync(
            "edit_code (code, agency_id, is_primary, valid_from, valid_to)",
            edit.Codes,
            row => [row.Code, row.AgencyId, row.IsPrimary, Utc(row.From), Utc(row.To)],
            cancellationToken
        );
        await CopyAsync(
            "edit_closed (agency_id, at)",
            edit.Closed,
            row => [row.AgencyId, Utc(row.At)],
            cancellationToken
        );
        await CopyAsync(
            "edit_succession (agency_id, successor_id, kind, effective_at)",
            edit.Successions,
            row => [row.AgencyId, row.SuccessorId, RegistryNames.Of(row.Kind), Utc(row.At)],
            cancellationToken
        );
        await CopyAsync(
            "edit_plan (agency_id, effective_at, name, parent_id)",
            edit.Plans,
            row => [row.AgencyId, Utc(row.At), row.Name, row.ParentId],
            cancellationToken
        );
        await CopyAsync(
            "edit_service (agency_id, office_system_id, since)",
            edit.Services,
            row => [row.AgencyId, row.OfficeSystemId, Utc(row.Since)],
            cancellationToken
        );
        await CopyAsync(
            "edit_contact (agency_id, name, mail, phone)",
            edit.Contacts,
            row => [row.AgencyId, row.Name, row.Mail, row.Phone],
            cancellationToken
        );
        await CopyAsync(
            "edit_change (agency_id, what, detail)",
            edit.Changes,
            row =>
                [
                    row.AgencyId,
                    row.What,
                    new Json(
                        JsonSerializer.Serialize(
                            new
                            {
                                row.Code,
                                row.From,
                                row.To,
                            },
                            HubJson.Options
                        )
                    ),
                ],
            cancellationToken
        );
    }

    private async Task CopyAsync<T>(
        string target,
        List<T> rows,
        Func<T, object?[]> columns,
        CancellationToken cancellationToken
    )
    {
        if (rows.Count == 0)
        {
            return;
        }
        await using var copy = await connection.BeginBinaryImportAsync(
            $"COPY {target} FROM STDIN (FORMAT binary)",
            cancellationToken
        );
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellationToken);
            foreach (var value in columns(row))
            {
                switch (value)
                {
                    case null:
                        await copy.WriteNullAsync(cancellationToken);
                        break;
                    case Json json:
                        await copy.WriteAsync(json.Text, NpgsqlDbType.Jsonb, cancellationToken);
                        break;
                    case DateTime instant:
                        await copy.WriteAsync(instant, NpgsqlDbType.TimestampTz, cancellationToken);
                        break;
                    case Guid id:
                        await copy.WriteAsync(id, NpgsqlDbType.Uuid, cancellationToken);
                        break;
                    case bool flag:
                        await copy.WriteAsync(flag, NpgsqlDbType.Boolean, cancellationToken);
                        break;
                    case short number:
                        await copy.WriteAsync(number, NpgsqlDbType.Smallint, cancellationToken);
                        break;
                    default:
                        await copy.WriteAsync((string)value, NpgsqlDbType.Text, cancellationToken);
                        break;
                }
            }
        }
        await copy.CompleteAsync(cancellationToken);
    }

    // The ends of .NET's time are PostgreSQL's infinities.
    private static DateTime Utc(DateTimeOffset instant) => instant.UtcDateTime;

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Json(string Text);
}
