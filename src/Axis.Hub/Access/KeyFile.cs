namespace Axis.Hub.Access;

/// <summary>
/// A key in a file that all nodes share. The first node to start makes it, readable by its owner alone; a file that
/// other users of the machine can read is refused, because whoever reads it can be anybody.
/// </summary>
public static class KeyFile
{
    /// <param name="setting">What the file is called in the settings, for messages.</param>
    /// <param name="create">Makes the content when there is none.</param>
    /// <returns>The content.</returns>
    /// <exception cref="UnusableSettingException">Every user can read or write the file.</exception>
    public static string ReadOrCreate(string path, string setting, Func<string> create)
    {
        var file = Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            Create(file, create());
        }
        return Read(file, setting);
    }

    /// <summary>The content of a file that must be there: whoever runs with a key makes no other in its place.</summary>
    /// <param name="setting">What the file is called in the settings, for messages.</param>
    /// <exception cref="UnusableSettingException">Every user can read or write the file.</exception>
    public static string Read(string path, string setting)
    {
        var file = Path.GetFullPath(path);
        RefuseIfOthersCanRead(file, setting);
        return File.ReadAllText(file);
    }

    /// <summary>Puts another content in its place, all at once.</summary>
    public static void Replace(string path, string content)
    {
        var file = Path.GetFullPath(path);
        File.Move(WriteDraft(file, content), file, overwrite: true);
    }

    private static void Create(string file, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var draft = WriteDraft(file, content);
        try
        {
            // The name appears with its whole content or not at all; of two nodes the first wins.
            File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft);
        }
    }

    private static string WriteDraft(string file, string content)
    {
        var draft = $"{file}.{Guid.CreateVersion7():N}.new";
        using var stream = new FileStream(draft, OwnerOnly());
        using var writer = new StreamWriter(stream);
        writer.Write(content);
        writer.Flush();
        stream.Flush(flushToDisk: true);
        return draft;
    }

    private static FileStreamOptions OwnerOnly()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return options;
    }

    private static void RefuseIfOthersCanRead(string file, string setting)
    {
        if (
            !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite))
                != UnixFileMode.None
        )
        {
            throw new UnusableSettingException(
                $"{setting} {file} can be read or written by every user; chmod 600 it."
            );
        }
    }
}
