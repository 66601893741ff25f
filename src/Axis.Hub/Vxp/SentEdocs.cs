using Axis.Hub.Access;
using Axis.Hub.Statuses;
using Axis.Vxp;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Vxp;

/// <summary>
/// What an office system has sent, newest first, one item for each recipient. The protocol knows no pages, so the list
/// ends after a number of items; older letters are asked for over the HTTP door.
/// </summary>
public sealed class SentEdocs(NpgsqlDataSource database, IOptions<VxpOptions> options)
{
    private const string Documents = """
        SELECT p.id, d.id, p.sender_code, d.recipient_code, p.subject, p.code_number, p.code_notation, p.received_at,
            d.changed_at, d.state, d.pickup, d.status
        FROM package p JOIN delivery d ON d.package_id = p.id
        WHERE p.office_system_id = $1 AND ($2 IS NULL OR p.sender_agency_id = ANY($2))
        ORDER BY p.id DESC, d.id
        LIMIT $3
        """;

    private const string Reports = """
        SELECT r.id, d.id, r.from_code,
            CASE WHEN r.from_agency_id = d.sender_agency_id THEN d.recipient_code ELSE p.sender_code END,
            p.subject, p.code_number, p.code_notation, r.received_at, r.status
        FROM status_report r
        JOIN delivery d ON d.id = r.delivery_id
        JOIN package p ON p.id = d.package_id
        WHERE r.office_system_id = $1 AND ($2 IS NULL OR r.from_agency_id = ANY($2))
        ORDER BY r.id DESC
        LIMIT $3
        """;

    public async Task<IReadOnlyList<SentItem>> DocumentsAsync(
        string officeSystemId,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        await using var command = Ask(Documents, officeSystemId, sees);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<SentItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var state = reader.GetString(9);
            var pickup = state switch
            {
                "collected" => VxpValue.Done,
                "failed" => VxpValue.Fail,
                _ => await TextAsync(reader, 10, cancellationToken) ?? VxpValue.Initial,
            };
            var status = await TextAsync(reader, 11, cancellationToken);
            items.Add(
                ItemOf(reader, VxpValue.MessageEdoc, reader.GetGuid(1).ToString()) with
                {
                    ReceivedTime =
                        state == "collected"
                            ? VxpWords.Time(reader.GetFieldValue<DateTimeOffset>(8))
                            : "",
                    ReceiveStatus = pickup,
                    ReceiveStatusDesc = status is null
                        ? VxpWords.Pickup(pickup)
                        : $"{status} {StatusNames.Of(status)}",
                }
            );
        }
        return items;
    }

    public async Task<IReadOnlyList<SentItem>> StatusesAsync(
        string officeSystemId,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        await using var command = Ask(Reports, officeSystemId, sees);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<SentItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var status = reader.GetString(8);
            items.Add(
                // The receiver knows the status under an id of its own, which is not the sender's business.
                ItemOf(reader, VxpValue.MessageStatus, "") with
                {
                    Title = $"{status} {StatusNames.Of(status)}",
                    ReceiveStatus = VxpValue.Done,
                    ReceiveStatusDesc = VxpWords.Pickup(VxpValue.Done),
                }
            );
        }
        return items;
    }

    private NpgsqlCommand Ask(string sql, string officeSystemId, Sees sees)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = officeSystemId });
        command.Parameters.Add(
            new NpgsqlParameter
            {
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid,
                Value = (object?)sees.Agencies ?? DBNull.Value,
            }
        );
        command.Parameters.Add(new() { Value = options.Value.MaxListItems });
        return command;
    }

    private static SentItem ItemOf(NpgsqlDataReader row, string messageType, string receiverDocId)
    {
        var (number, notation) = (row.GetString(5), row.GetString(6));
        return new SentItem(
            VxpValue.EDoc,
            messageType,
            row.GetGuid(0).ToString(),
            receiverDocId,
            row.GetString(2),
            row.GetString(3),
            row.GetString(4),
            notation.Length == 0 ? number : $"{number}/{notation}",
            VxpWords.Time(row.GetFieldValue<DateTimeOffset>(7)),
            "",
            VxpValue.Done,
            "Đã gửi",
            VxpValue.Initial,
            ""
        );
    }

    private static async Task<string?> TextAsync(
        NpgsqlDataReader row,
        int column,
        CancellationToken cancellationToken
    ) => await row.IsDBNullAsync(column, cancellationToken) ? null : row.GetString(column);
}
