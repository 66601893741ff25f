using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Storage;

public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Npgsql connection string of the hub's database.</summary>
    [Required]
    public string ConnectionString { get; set; } = "";

    /// <summary>Folder of the content-addressed files, and of uploads on their way in. One file system.</summary>
    [Required]
    public string PayloadFolder { get; set; } = "";

    /// <summary>
    /// Start on a database that can lose what it committed (fsync off and the like). For tests that claim no durability.
    /// </summary>
    public bool AllowUnsafeDatabase { get; set; }

    /// <summary>File with the keys that payloads are encrypted with, lines of <c>id base64</c>; see docs/operations.md.</summary>
    public string? EncryptionKeyFile { get; set; }

    /// <summary>The key of that file for new payloads. Without it new payloads are not encrypted, old ones stay readable.</summary>
    public string? EncryptionKeyId { get; set; }

    /// <summary>How long a payload file that was read whole and found sound is not read whole again before a download.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan VerifiedFor { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often payload files are looked for that no package names.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How old such a file must be before it is set aside, and how long it stays set aside before it is removed. Longer
    /// than any submission takes.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromDays(2);

    /// <summary>
    /// Packages up to this size (bytes) are stored in PostgreSQL, larger ones as files. A byte in PostgreSQL is written
    /// twice, to its log and to its table; a file once, with two syncs of its own.
    /// </summary>
    [Range(0, 16 * 1024 * 1024)]
    public int InlineLimitBytes { get; set; } = 256 * 1024;
}
