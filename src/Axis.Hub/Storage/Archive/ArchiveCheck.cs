using System.Text.Json;
using Axis.Hub.Errors;

namespace Axis.Hub.Storage.Archive;

/// <summary>Reads an archive and holds it against its sums and its own manifest. Needs no database.</summary>
public static class ArchiveCheck
{
    /// <summary>What is wrong, a line each; nothing when the archive is whole.</summary>
    public static async Task<(
        ArchiveManifest? Manifest,
        IReadOnlyList<string> Problems
    )> CheckAsync(string folder, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var sums = await SumsAsync(folder, problems, cancellationToken);
        foreach (var (file, sha256) in sums)
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path))
            {
                problems.Add($"{file} is missing");
            }
            else if (await ArchiveFormat.HashAsync(path, cancellationToken) != sha256)
            {
                problems.Add($"{file} was changed");
            }
        }
        if (Directory.Exists(folder))
        {
            problems.AddRange(
                ArchiveFormat
                    .FilesIn(folder)
                    .Where(file => !sums.ContainsKey(file))
                    .Select(file => $"{file} is not in {ArchiveFormat.Sums}")
            );
        }
        var manifest =
            problems.Count == 0 ? await ManifestAsync(folder, problems, cancellationToken) : null;
        if (manifest is not null)
        {
            await CheckContentAsync(folder, manifest, problems, cancellationToken);
        }
        return (manifest, problems);
    }

    private static async Task<Dictionary<string, string>> SumsAsync(
        string folder,
        List<string> problems,
        CancellationToken cancellationToken
    )
    {
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        var path = Path.Combine(folder, ArchiveFormat.Sums);
        if (!File.Exists(path))
        {
            problems.Add($"{path} is missing: this is no archive");
            return sums;
        }
        foreach (var line in await File.ReadAllLinesAsync(path, cancellationToken))
        {
            if (
                line.Split("  ", 2) is not [{ Length: 64 } sha256, { Length: > 0 } file]
                // An archive names files below itself and nothing else.
                || Path.IsPathRooted(file)
                || file.Split('/').Contains("..")
                || !sums.TryAdd(file, sha256)
            )
            {
                problems.Add($"{ArchiveFormat.Sums} has a line that makes no sense: {line}");
            }
        }
        return sums;
    }

    private static async Task<ArchiveManifest?> ManifestAsync(
        string folder,
        List<string> problems,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var stream = File.OpenRead(Path.Combine(folder, ArchiveFormat.Manifest));
            var manifest = await JsonSerializer.DeserializeAsync<ArchiveManifest>(
                stream,
                HubJson.Options,
                cancellationToken
            );
            if (manifest?.Format == ArchiveFormat.Name)
            {
                return manifest;
            }
            problems.Add($"the format is {manifest?.Format}; this hub reads {ArchiveFormat.Name}");
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException)
        {
            problems.Add($"{ArchiveFormat.Manifest} cannot be read: {e.Message}");
        }
        return null;
    }

    private static async Task CheckContentAsync(
        string folder,
        ArchiveManifest manifest,
        List<string> problems,
        CancellationToken cancellationToken
    )
    {
        foreach (var table in ArchiveFormat.Tables)
        {
            if (manifest.Tables.SingleOrDefault(one => one.Name == table) is not { } listed)
            {
                problems.Add($"the table {table} is missing");
                continue;
            }
            var rows = 0L;
            await foreach (
                var line in File.ReadLinesAsync(
                    Path.Combine(folder, ArchiveFormat.FileOf(table)),
                    cancellationToken
                )
            )
            {
                rows++;
                if (
                    table is "package" or "status_report"
                    && !File.Exists(
                        Path.Combine(folder, ArchiveFormat.PayloadPath(ContentOf(line).Sha256))
                    )
                )
                {
                    problems.Add($"{table}: the content of row {rows} is missing");
                }
            }
            if (rows != listed.Rows)
            {
                problems.Add($"{table} has {rows} rows, the manifest says {listed.Rows}");
            }
        }
    }

    /// <summary>The id in a row, and its SHA-256: PostgreSQL writes <c>\x…</c>.</summary>
    internal static (Guid Id, string Sha256) ContentOf(string line)
    {
        using var row = JsonDocument.Parse(line);
        return (
            row.RootElement.GetProperty("id").GetGuid(),
            row.RootElement.GetProperty("sha256").GetString()![2..]
        );
    }
}
