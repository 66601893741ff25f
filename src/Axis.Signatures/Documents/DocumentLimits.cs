namespace Axis.Signatures;

/// <summary>What judging the documents of one package may cost.</summary>
public sealed record DocumentLimits
{
    public static DocumentLimits Default { get; } = new();

    /// <summary>PDF files whose signatures are judged.</summary>
    public int MaxDocuments { get; init; } = 32;

    /// <summary>Decoded bytes that are read for signatures.</summary>
    public long MaxBytes { get; init; } = 256L * 1024 * 1024;

    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Files up to this size (bytes) are judged in memory, larger ones from a temporary file.</summary>
    public int MemoryBytes { get; init; } = 1024 * 1024;
}
