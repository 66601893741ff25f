using System.Globalization;
using Axis.EdXml;

namespace Axis.Cli.Make;

/// <summary>Reads the description of an attachment: a file, and what the package says about it.</summary>
internal static class DescribedAttachment
{
    public const string File = "file";
    private const string Bytes = "application/octet-stream";

    /// <param name="folder">Where a relative file name starts.</param>
    /// <param name="number">From 1, the place in the package.</param>
    public static AttachmentDraft Read(Members members, string folder, int number)
    {
        var path = Path.GetFullPath(Path.Combine(folder, members.Required(File)));
        var name = members.Text("name") ?? Path.GetFileName(path);
        if (!IsReadable(path))
        {
            members.Add(MakeProblem.NoFile(members.PathOf(File), path));
        }

        return new AttachmentDraft
        {
            ContentId =
                members.Text("contentId")
                ?? string.Create(CultureInfo.InvariantCulture, $"cid:attachment-{number}"),
            Name = name,
            ContentType = members.Text("contentType") ?? TypeOf(name),
            Description = members.Text("description"),
            Open = () => Open(path),
        };
    }

    /// <summary>The declared type. Nobody may trust it, but receivers want one.</summary>
    private static string TypeOf(string name) =>
        Path.GetExtension(name).ToUpperInvariant() switch
        {
            ".PDF" => "application/pdf",
            ".DOC" => "application/msword",
            ".DOCX" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ".XLS" => "application/vnd.ms-excel",
            ".XLSX" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ".PPTX" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ".ZIP" => "application/zip",
            ".XML" => "application/xml",
            ".TXT" => "text/plain",
            ".PNG" => "image/png",
            ".JPG" or ".JPEG" => "image/jpeg",
            _ => Bytes,
        };

    /// <summary>Told before anything is written, and together with the other problems.</summary>
    private static bool IsReadable(string path)
    {
        try
        {
            using var stream = Open(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
}
