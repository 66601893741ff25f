using System.Globalization;
using Axis.Cli.Terminal;
using Axis.EdXml;

namespace Axis.Cli.Files;

/// <summary>Where an attachment was written, or why it was not.</summary>
/// <param name="File">Full path; absent when nothing was written.</param>
internal sealed record ExtractedFile(string? File, string? Problem);

/// <summary>Writes attachments into a folder, as streams, under names that cannot leave it and never over a file that is there.</summary>
internal static class Extraction
{
    /// <summary>More files of one name than this are no accident.</summary>
    private const int MostOfOneName = 2_000;

    /// <returns>One result per attachment, in the order of the package.</returns>
    public static async Task<IReadOnlyList<ExtractedFile>> WriteAsync(
        FileInfo package,
        PackageReading reading,
        DirectoryInfo folder,
        CancellationToken cancellation
    )
    {
        await using var input = PackageFile.Open(package);
        try
        {
            folder.Create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{folder.FullName} cannot be made: {e.Message}"
            );
        }

        var results = new List<ExtractedFile>();
        foreach (var attachment in reading.Attachments)
        {
            results.Add(
                attachment.HasData
                    ? await WriteOneAsync(
                        input,
                        attachment,
                        folder,
                        results.Count + 1,
                        cancellation
                    )
                    : new ExtractedFile(null, "The attachment has no data.")
            );
        }

        return results;
    }

    private static async Task<ExtractedFile> WriteOneAsync(
        FileStream package,
        AttachmentFacts attachment,
        DirectoryInfo folder,
        int number,
        CancellationToken cancellation
    )
    {
        var fallback = string.Create(CultureInfo.InvariantCulture, $"attachment-{number}");
        string? path = null;
        try
        {
            await using var output = CreateNew(
                folder,
                SafeFileName.From(attachment.Name, fallback)
            );
            path = output.Name;
            await using var content = AttachmentStream.Open(package, attachment);
            await content.CopyToAsync(output, cancellation);
            return new ExtractedFile(path, null);
        }
        catch (Exception e)
            when (e
                    is InvalidDataException
                        or IOException
                        or UnauthorizedAccessException
                        or OperationCanceledException
            )
        {
            // Half a file under a good name would be taken for the whole.
            if (path is not null)
            {
                File.Delete(path);
            }

            if (e is OperationCanceledException)
            {
                throw;
            }

            return new ExtractedFile(null, e.Message);
        }
    }

    /// <summary>The system decides in one step whether the name is free, so neither a race nor a link can make it write elsewhere.</summary>
    private static FileStream CreateNew(DirectoryInfo folder, string name)
    {
        for (var number = 1; ; number++)
        {
            var path = Path.Combine(
                folder.FullName,
                number == 1 ? name : SafeFileName.Numbered(name, number)
            );
            try
            {
                return new FileStream(
                    path,
                    FileMode.CreateNew,
                    FileAccess.Write,
                    FileShare.None,
                    1 << 16,
                    useAsync: true
                );
            }
            catch (IOException) when (number < MostOfOneName && IsTaken(path))
            {
                // The next number, then.
            }
        }
    }

    /// <summary>True also for a folder, and for a link that leads nowhere.</summary>
    private static bool IsTaken(string path) =>
        Path.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
