using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Axis.Client;

/// <summary>Something that is not as the hub wrote it.</summary>
/// <param name="Line">Of the file, from 1.</param>
/// <param name="Seq">The row it is about, 0 when about the file.</param>
/// <param name="Message">In words.</param>
public sealed record AuditFinding(long Line, long Seq, string Message);

/// <summary>What an audit file is worth.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="LastSeq">The number of the last row.</param>
/// <param name="Checkpoints">Checkpoints whose signature and row are in order.</param>
/// <param name="SignedUpTo">The last row that a good checkpoint covers; what comes after may still be rewritten.</param>
/// <param name="Findings">Empty when everything is in order; at most <see cref="AuditFile.MostFindings"/>.</param>
public sealed record AuditVerdict(
    long Rows,
    long LastSeq,
    long Checkpoints,
    long SignedUpTo,
    IReadOnlyList<AuditFinding> Findings
);

/// <summary>
/// Verifies an export of the audit log (docs/audit.md): rows altered, deleted, inserted, reordered, and a tail that was
/// cut off, as far as checkpoints reach. It shares no code with what wrote the log.
/// </summary>
public sealed class AuditFile
{
    public const int MostFindings = 100;

    private const string Genesis =
        "0000000000000000000000000000000000000000000000000000000000000000";

    private readonly IReadOnlyDictionary<string, ECDsa> _keys;
    private readonly List<AuditFinding> _findings = [];
    private long _line;
    private long _rows;
    private long _from;
    private long _lastSeq;
    private string _lastHash = Genesis;
    private long _checkpoints;
    private long _signedUpTo;
    private bool _hasHead;

    private AuditFile(IReadOnlyDictionary<string, ECDsa> keys) => _keys = keys;

    /// <param name="ndjson">The export.</param>
    /// <param name="keys">The hub's public keys by their id (<see cref="AuditKeys"/>).</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<AuditVerdict> VerifyAsync(
        Stream ndjson,
        IReadOnlyDictionary<string, ECDsa> keys,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(keys);
        var file = new AuditFile(keys);
        using var reader = new StreamReader(ndjson, Encoding.UTF8, leaveOpen: true);
        while (
            file._findings.Count < MostFindings
            && await reader.ReadLineAsync(cancellation) is { } line
        )
        {
            file._line++;
            file.Read(line);
        }
        if (!file._hasHead && file._findings.Count < MostFindings)
        {
            file.Found(0, "the file ends without the head: the export is not whole");
        }
        return new AuditVerdict(
            file._rows,
            file._lastSeq,
            file._checkpoints,
            file._signedUpTo,
            file._findings
        );
    }

    private void Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var json = document.RootElement;
            if (_line == 1)
            {
                Begin(json);
            }
            else if (_hasHead)
            {
                Found(0, "something follows after the head");
            }
            else if (json.TryGetProperty("seq", out _))
            {
                Row(json);
            }
            else if (json.TryGetProperty("checkpoint", out var jws))
            {
                Checkpoint(TextOf(jws));
            }
            else
            {
                Head(json);
            }
        }
        catch (Exception unreadable)
            when (unreadable
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
            )
        {
            Found(0, "the line cannot be read");
        }
    }

    private void Begin(JsonElement json)
    {
        if (json.GetProperty("format").GetString() != "axis-audit-1")
        {
            Found(0, "this is no audit export");
        }
        _from = json.GetProperty("from").GetInt64();
        _lastSeq = _from - 1;
        _lastHash = TextOf(json.GetProperty("previous"));
        if (_from == 1 && _lastHash != Genesis)
        {
            Found(0, "the first row does not begin the chain");
        }
    }

    private void Row(JsonElement json)
    {
        var seq = json.GetProperty("seq").GetInt64();
        var hash = TextOf(json.GetProperty("hash"));
        _rows++;
        if (_from > 1 && _rows == 1 && _signedUpTo != _from - 1)
        {
            Found(seq, "the file begins here, and no checkpoint vouches for the row before");
        }
        if (seq != _lastSeq + 1)
        {
            Found(
                seq,
                seq > _lastSeq
                    ? $"rows {_lastSeq + 1} to {seq - 1} are missing"
                    : "the row is out of order or there twice"
            );
        }
        else if (HashOf(json, seq) != hash)
        {
            Found(seq, "the row is not what was written after the row before it");
        }
        _lastSeq = Math.Max(seq, _lastSeq);
        _lastHash = hash;
    }

    private string HashOf(JsonElement json, long seq)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(_lastHash));
        foreach (
            var text in (string?[])
                [
                    seq.ToString(CultureInfo.InvariantCulture),
                    json.GetProperty("at").GetString(),
                    json.GetProperty("actor").GetString(),
                    json.GetProperty("remote").GetString(),
                    json.GetProperty("action").GetString(),
                    json.GetProperty("outcome").GetString(),
                    json.GetProperty("detail").GetRawText(),
                ]
        )
        {
            if (text is null)
            {
                hash.AppendData("-,"u8);
                continue;
            }
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(
                Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + ":")
            );
            hash.AppendData(bytes);
            hash.AppendData(","u8);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Checkpoint(string jws)
    {
        if (AuditKeys.Open(jws, _keys) is not { } payload)
        {
            Found(_lastSeq, "the checkpoint is not signed by a key of the hub");
            return;
        }
        var seq = payload.GetProperty("seq").GetInt64();
        if (seq != _lastSeq)
        {
            Found(seq, $"a checkpoint covers row {seq}, which is not there");
        }
        else if (payload.GetProperty("hash").GetString() != _lastHash)
        {
            Found(seq, $"row {seq} or one before it is not what the hub signed");
        }
        else
        {
            _checkpoints++;
            _signedUpTo = seq;
        }
    }

    private void Head(JsonElement json)
    {
        _hasHead = true;
        var seq = json.GetProperty("head").GetInt64();
        if (seq != _lastSeq)
        {
            Found(seq, $"the log went up to row {seq}, the file only to row {_lastSeq}");
        }
        else if (json.GetProperty("hash").GetString() != _lastHash)
        {
            Found(seq, "the last row is not the one that the log ended with");
        }
    }

    private static string TextOf(JsonElement value) =>
        value.GetString() ?? throw new FormatException("A text is null.");

    private void Found(long seq, string message) =>
        _findings.Add(new AuditFinding(_line, seq, message));
}
