using System.IO.MemoryMappedFiles;

namespace Axis.Chaos.Stands;

/// <summary>The file that a hub under test reads its clock's error from.</summary>
public sealed class HubClock : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _offset;

    private HubClock(string path)
    {
        Path = path;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, sizeof(long));
        _offset = _file.CreateViewAccessor();
    }

    public string Path { get; }

    public static HubClock Create(string path)
    {
        File.WriteAllBytes(path, new byte[sizeof(long)]);
        return new HubClock(path);
    }

    public void SetWrongBy(TimeSpan offset) => _offset.Write(0, offset.Ticks);

    public void Dispose()
    {
        _offset.Dispose();
        _file.Dispose();
    }
}
