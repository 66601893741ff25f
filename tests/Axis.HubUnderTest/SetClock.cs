using System.IO.MemoryMappedFiles;

namespace Axis.HubUnderTest;

/// <summary>
/// The machine's clock, wrong by as much as a file says (ticks, eight bytes): a test sets it while the hub runs. Time
/// that is only measured goes on evenly, as it does when a real clock is set.
/// </summary>
public sealed class SetClock : TimeProvider, IDisposable
{
    /// <summary>The file.</summary>
    public const string Variable = "AXIS_TEST_CLOCK";

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _offset;

    private SetClock(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, sizeof(long));
        _offset = _file.CreateViewAccessor(0, sizeof(long));
    }

    public static SetClock? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path
            ? new SetClock(path)
            : null;

    public override DateTimeOffset GetUtcNow() =>
        System.GetUtcNow() + TimeSpan.FromTicks(_offset.ReadInt64(0));

    public void Dispose()
    {
        _offset.Dispose();
        _file.Dispose();
    }
}
