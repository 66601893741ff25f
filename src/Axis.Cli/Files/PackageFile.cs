using System.CommandLine;
using Axis.Cli.Terminal;
using Axis.EdXml;

namespace Axis.Cli.Files;

/// <summary>The file that a verb works on.</summary>
internal static class PackageFile
{
    public static Argument<FileInfo> Argument() =>
        new("file") { Description = "An edXML file.", HelpName = "FILE" };

    public static Option<bool> Json() =>
        new("--json") { Description = "Print JSON instead of text." };

    public static FileStream Open(FileInfo file)
    {
        try
        {
            return new FileStream(
                file.FullName,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                1 << 16,
                useAsync: true
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{file.FullName} cannot be read: {e.Message}"
            );
        }
    }

    public static async Task<PackageReading> ReadAsync(
        FileInfo file,
        AttachmentDetail detail,
        CancellationToken cancellation
    )
    {
        await using var stream = Open(file);
        return await PackageReader.ReadAsync(
            stream,
            ReadLimits.Default with
            {
                AttachmentDetail = detail,
            },
            cancellation
        );
    }
}
