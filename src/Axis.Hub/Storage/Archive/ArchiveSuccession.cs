using System.Text.Json;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// Whether an archive may take the place of an older one: only if it has every row and every content of that. An archive
/// can be all that is left of a month.
/// </summary>
internal static class ArchiveSuccession
{
    /// <exception cref="ArchiveException">Something of the older one would be lost.</exception>
    public static async Task CheckAsync(
        string older,
        string newer,
        CancellationToken cancellationToken
    )
    {
        if (!File.Exists(Path.Combine(older, ArchiveFormat.Manifest)))
        {
            throw new ArchiveException(
                $"{older} is there and is no archive; nothing is written over it"
            );
        }
        foreach (var table in ArchiveFormat.Tables)
        {
            if (await IsRowMissingAsync(older, newer, table, cancellationToken))
            {
                throw Refused(older, table);
            }
        }
        var contents = Path.Combine(older, ArchiveFormat.Payloads);
        if (
            Directory.Exists(contents)
            && Directory
                .EnumerateFiles(contents, "*", SearchOption.AllDirectories)
                .Any(file => !File.Exists(Path.Combine(newer, Path.GetRelativePath(older, file))))
        )
        {
            throw Refused(older, ArchiveFormat.Payloads);
        }
    }

    private static ArchiveException Refused(string older, string what) =>
        new(
            $"{older} has {what} that the database has not; it is not replaced. Import it, or write to another folder"
        );

    // Both files are sorted by id, which as text sorts as PostgreSQL sorts it.
    private static async Task<bool> IsRowMissingAsync(
        string older,
        string newer,
        string table,
        CancellationToken cancellationToken
    )
    {
        var file = Path.Combine(older, ArchiveFormat.FileOf(table));
        if (!File.Exists(file))
        {
            return false;
        }
        await using var rows = File.ReadLinesAsync(
                Path.Combine(newer, ArchiveFormat.FileOf(table)),
                cancellationToken
            )
            .GetAsyncEnumerator(cancellationToken);
        await foreach (var line in File.ReadLinesAsync(file, cancellationToken))
        {
            var sought = IdOf(line);
            int order;
            do
            {
                if (!await rows.MoveNextAsync())
                {
                    return true;
                }
                order = string.CompareOrdinal(IdOf(rows.Current), sought);
            } while (order < 0);
            if (order > 0)
            {
                return true;
            }
        }
        return false;
    }

    private static string IdOf(string line)
    {
        using var row = JsonDocument.Parse(line);
        return row.RootElement.GetProperty("id").GetString()!;
    }
}
