using System.Buffers;
using System.Data;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;

namespace Axis.Hub.Access.Audit;

/// <summary>
/// The audit log as NDJSON, with everything that verifying needs: where it begins, each row as the text that was hashed,
/// the checkpoints, the head. As of one moment.
/// </summary>
public sealed class AuditExport(NpgsqlDataSource database)
{
    public const string MediaType = "application/x-ndjson";

    private const int FlushBytes = 64 * 1024;

    private static readonly JsonWriterOptions s_writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="from">The first row's number; the row before it must still be there, or it is the first.</param>
    /// <param name="output">Written as the rows come; the whole log is never in memory.</param>
    /// <param name="cancellationToken">Ends it midway: without its last line, the head, an export is not whole.</param>
    public async Task WriteAsync(long from, Stream output, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead,
            cancellationToken
        );
        var (head, hash, previous) = await ReadEdgesAsync(connection, from, cancellationToken);
        var buffer = new ArrayBufferWriter<byte>();
        Write(
            buffer,
            json =>
            {
                json.WriteString("format", "axis-audit-1");
                json.WriteNumber("from", from);
                json.WriteString("previous", previous);
            }
        );
        await WriteRowsAsync(connection, from, buffer, output, cancellationToken);
        Write(
            buffer,
            json =>
            {
                json.WriteNumber("head", head);
                json.WriteString("hash", hash);
            }
        );
        await FlushAsync(buffer, output, cancellationToken);
    }

    private static async Task<(long Head, string Hash, string Previous)> ReadEdgesAsync(
        NpgsqlConnection connection,
        long from,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT seq, encode(hash, 'hex'),
                coalesce((SELECT encode(hash, 'hex') FROM audit WHERE seq = $1 - 1), repeat('00', 32))
            FROM audit_head
            """,
            connection
        );
        command.Parameters.Add(new() { Value = from });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetString(1), reader.GetString(2));
    }

    private static async Task WriteRowsAsync(
        NpgsqlConnection connection,
        long from,
        ArrayBufferWriter<byte> buffer,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        // A checkpoint whose row is gone must come out too: it is what gives the deletion away.
        await using var command = new NpgsqlCommand(
            """
            SELECT a.seq, audit_time(a.at), a.actor, a.remote, a.action, a.outcome, a.detail::text,
                encode(a.hash, 'hex'), c.jws
            FROM (SELECT * FROM audit WHERE seq >= $1) a
            FULL JOIN (SELECT * FROM audit_checkpoint WHERE seq >= $1 - 1) c ON c.seq = a.seq
            ORDER BY coalesce(a.seq, c.seq), a.id
            """,
            connection
        )
        {
            CommandTimeout = 0,
        };
        command.Parameters.Add(new() { Value = from });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!await reader.IsDBNullAsync(0, cancellationToken))
            {
                Write(buffer, json => WriteRow(json, reader));
            }
            if (!await reader.IsDBNullAsync(8, cancellationToken))
            {
                Write(buffer, json => json.WriteString("checkpoint", reader.GetString(8)));
            }
            if (buffer.WrittenCount >= FlushBytes)
            {
                await FlushAsync(buffer, output, cancellationToken);
            }
        }
    }

    private static void WriteRow(Utf8JsonWriter json, NpgsqlDataReader row)
    {
        json.WriteNumber("seq", row.GetInt64(0));
        json.WriteString("at", row.GetString(1));
        json.WriteString("actor", row.GetString(2));
        json.WriteString("remote", row.IsDBNull(3) ? null : row.GetString(3));
        json.WriteString("action", row.GetString(4));
        json.WriteString("outcome", row.GetString(5));
        json.WritePropertyName("detail");
        // As PostgreSQL wrote it: this text was hashed.
        json.WriteRawValue(row.GetString(6), skipInputValidation: true);
        json.WriteString("hash", row.GetString(7));
    }

    private static void Write(ArrayBufferWriter<byte> buffer, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(buffer, s_writing))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
    }

    private static async Task FlushAsync(
        ArrayBufferWriter<byte> buffer,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
        buffer.ResetWrittenCount();
    }
}
