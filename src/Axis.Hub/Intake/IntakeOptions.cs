using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Intake;

public sealed class IntakeOptions
{
    public const string Section = "Intake";

    /// <summary>Largest package taken, in bytes. Practice is 50 MB a file (base64 adds a third).</summary>
    [Range(1024, 2_000_000_000)]
    public long MaxPackageBytes { get; set; } = 70 * 1024 * 1024;

    /// <summary>
    /// Largest status package taken, in bytes. A status report travels whole inside its event, in base64.
    /// </summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxStatusBytes { get; set; } = 1024 * 1024;

    /// <summary>Packages up to this size (bytes) are held in memory on their way in, larger ones in a file.</summary>
    [Range(0, 64 * 1024 * 1024)]
    public int SpoolMemoryBytes { get; set; } = 1024 * 1024;

    [Range(1, 100_000)]
    public int MaxRecipients { get; set; } = 5_000;

    [Range(1, 100_000)]
    public int MaxAttachments { get; set; } = 1_000;

    /// <summary>Submissions that may wait for their transaction before the doors answer "busy".</summary>
    [Range(1, 100_000)]
    public int MaxWaiting { get; set; } = 512;

    /// <summary>Packages in one transaction.</summary>
    [Range(1, 1_000)]
    public int BatchPackages { get; set; } = 100;

    /// <summary>Bytes of inline payload in one transaction.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public long BatchBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Resumable uploads that one office system may have open at a time.</summary>
    [Range(1, 10_000)]
    public int OpenUploads { get; set; } = 16;

    /// <summary>Their announced sizes together, in bytes.</summary>
    [Range(1024, long.MaxValue)]
    public long OpenUploadBytes { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>How long an upload lives after its last piece, and its answer after that.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan UploadLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How often expired uploads are removed, and complete ones submitted whose hub died.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan UploadLookInterval { get; set; } = TimeSpan.FromMinutes(1);

    public Axis.EdXml.ReadLimits ToReadLimits() => LimitsOf(MaxPackageBytes);

    /// <param name="sender">Whose own limit may be lower.</param>
    public Axis.EdXml.ReadLimits ToReadLimits(Registry.OfficeSystem sender) =>
        LimitsOf(Math.Min(MaxPackageBytes, sender.Limits.MaxPackageBytes ?? long.MaxValue));

    private Axis.EdXml.ReadLimits LimitsOf(long maxBytes) =>
        new()
        {
            MaxBytes = maxBytes,
            MaxRecipients = MaxRecipients,
            MaxAttachments = MaxAttachments,
        };
}
