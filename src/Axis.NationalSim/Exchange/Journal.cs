using System.Text.Json;
using System.Text.Json.Serialization;
using Axis.NationalSim.Catalogue;

namespace Axis.NationalSim.Exchange;

/// <summary>One thing that happened on the axis; exactly one of its members is there.</summary>
internal sealed record Entry
{
    public TakenLetter? Letter { get; init; }
    public Acknowledged? Acknowledged { get; init; }
    public KnownAgency? Opened { get; init; }
    public string? Closed { get; init; }
    public TimeSpan? Ahead { get; init; }
}

/// <summary>A package that was taken, whole.</summary>
/// <param name="Sha256">Of what was sent, lower-case hex; <paramref name="Bytes"/> are what recipients get.</param>
/// <param name="Planned">What a played province had planned to say, and said with it.</param>
/// <param name="Number">Of a letter that a played province wrote of its own.</param>
/// <param name="Damage">What is wrong with it for good.</param>
internal sealed record TakenLetter(
    string DocId,
    DateTimeOffset At,
    string From,
    string? SystemId,
    byte[] Bytes,
    string Sha256,
    IReadOnlyList<TakenCopy> Copies,
    string? Planned,
    int? Number,
    ViceKind? Damage = null
);

internal sealed record TakenCopy(string DocId, string To);

internal sealed record Acknowledged(string DocId, string Status, DateTimeOffset At);

/// <summary>
/// What happened, a JSON line each, written before anybody is answered: a killed simulator has what it acknowledged. It
/// is handed to the operating system and not forced onto the disk, so a power cut may take the last of it.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const string Name = "journal.jsonl";
    private const byte NewLine = (byte)'\n';

    private static readonly JsonSerializerOptions Format = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly FileStream _file;

    private Journal(FileStream file) => _file = file;

    /// <summary>Opens it for one simulator alone, hands out what is in it, and goes on behind it.</summary>
    /// <exception cref="IOException">Another simulator has it, or the folder cannot be written.</exception>
    /// <exception cref="InvalidDataException">A line in the midst of it is no entry.</exception>
    public static Journal Open(string folder, Action<Entry> happened)
    {
        Directory.CreateDirectory(folder);
        var file = new FileStream(
            Path.Combine(folder, Name),
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.None,
            bufferSize: 0
        );
        try
        {
            // A line that was cut by the kill was answered to nobody.
            file.SetLength(Read(file, happened));
            file.Seek(0, SeekOrigin.End);
            return new Journal(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Write(Entry entry) =>
        _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry, Format), NewLine]);

    public void Dispose() => _file.Dispose();

    /// <summary>Where the last whole line ends.</summary>
    private static long Read(FileStream file, Action<Entry> happened)
    {
        using var line = new MemoryStream();
        var piece = new byte[64 * 1024];
        var (end, number) = (0L, 0);
        for (int read; (read = file.Read(piece)) > 0; )
        {
            var rest = piece.AsSpan(0, read);
            for (int at; (at = rest.IndexOf(NewLine)) >= 0; rest = rest[(at + 1)..])
            {
                line.Write(rest[..at]);
                happened(EntryIn(line.GetBuffer().AsSpan(0, (int)line.Length), ++number));
                end += line.Length + 1;
                line.SetLength(0);
            }
            line.Write(rest);
        }
        return end;
    }

    private static Entry EntryIn(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<Entry>(line, Format)
                ?? throw new JsonException("null");
        }
        catch (JsonException bad)
        {
            throw new InvalidDataException(
                $"{Name}, line {number}: not an entry of this simulator.",
                bad
            );
        }
    }
}
