using System.Globalization;
using System.Security.Cryptography;

namespace Axis.Hub.Storage.Archive;

/// <summary>A calendar month in UTC, as the partitions have it.</summary>
public sealed record ArchiveMonth(int Year, int Month)
{
    public DateTimeOffset Start => new(Year, Month, 1, 0, 0, 0, TimeSpan.Zero);

    public DateTimeOffset End => Start.AddMonths(1);

    /// <summary>The suffix of its partitions.</summary>
    public string Suffix => Start.ToString("yyyy_MM", CultureInfo.InvariantCulture);

    /// <summary>As SQL has it.</summary>
    public string FirstDay => Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The partition of a table.</summary>
    public string Of(string table) => $"{table}_{Suffix}";

    public override string ToString() => Start.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    public static ArchiveMonth Of(DateTimeOffset instant) =>
        new(instant.UtcDateTime.Year, instant.UtcDateTime.Month);

    public static bool TryParse(string text, out ArchiveMonth month)
    {
        var isMonth = DateTime.TryParseExact(
            text,
            "yyyy-MM",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var start
        );
        month = new(start.Year, start.Month);
        return isMonth;
    }
}

/// <summary>What an archive says of itself: <c>manifest.json</c>.</summary>
/// <param name="Format">Always <see cref="ArchiveFormat.Name"/>.</param>
/// <param name="Tables">Each a file of JSON lines, a row in each.</param>
/// <param name="Payloads">Files in <c>payloads/</c>: the packages as they were received, named by SHA-256.</param>
/// <param name="LastChangeAt">Of a delivery in it; tells whether the month changed since.</param>
public sealed record ArchiveManifest(
    string Format,
    string Month,
    DateTimeOffset MadeAt,
    int Schema,
    IReadOnlyList<ArchivedTable> Tables,
    long Payloads,
    DateTimeOffset? LastChangeAt
)
{
    public long RowsOf(string table) => Tables.Single(one => one.Name == table).Rows;
}

public sealed record ArchivedTable(string Name, string File, long Rows);

/// <summary>
/// An archive is a folder that needs no hub to be read: <c>manifest.json</c>, a file of JSON lines for each table, the
/// packages as files, and <c>SHA256SUMS</c> over all of it, for <c>sha256sum -c</c>.
/// </summary>
public static class ArchiveFormat
{
    public const string Name = "axis-archive/1";
    public const string Manifest = "manifest.json";
    public const string Sums = "SHA256SUMS";
    public const string Payloads = "payloads";

    /// <summary>In the order in which they are taken and put back. Payload rows are made from the files.</summary>
    public static readonly IReadOnlyList<string> Tables =
    [
        "package",
        "delivery",
        "delivery_history",
        "status_report",
        "event",
    ];

    public static string FileOf(string table) => table + ".jsonl";

    public static string PayloadPath(string sha256) =>
        Path.Combine(Payloads, sha256[..2], sha256 + ".edxml");

    public static async Task<string> HashAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    /// <summary>Every file of an archive but the sums, with forward slashes, in a stable order.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
                .Where(file => file != Sums)
                .Order(StringComparer.Ordinal),
        ];
}

/// <summary>Why an archive cannot be made, checked or put back; in words for the operator.</summary>
public sealed class ArchiveException(string message) : Exception(message)
{
    /// <summary>Archives are written, dropped and imported by one process at a time.</summary>
    internal static ArchiveException Busy() =>
        new("another process exports, drops or imports a month; try again when it has ended");
}
