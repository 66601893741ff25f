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

    /// <summary>Packages up to this size (bytes) are stored in PostgreSQL, larger ones as files.</summary>
    [Range(0, 16 * 1024 * 1024)]
    public int InlineLimitBytes { get; set; } = 1024 * 1024;
}
