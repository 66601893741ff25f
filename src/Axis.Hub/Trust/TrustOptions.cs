using System.ComponentModel.DataAnnotations;
using Axis.Signatures;

namespace Axis.Hub.Trust;

public sealed class TrustOptions
{
    public const string Section = "Trust";

    /// <summary>
    /// Folder of certificates (PEM or DER) of the authorities that are trusted, and of lists of revoked certificates
    /// that come as files. Read again when it changes. Empty: nobody is trusted but by registration.
    /// </summary>
    public string AnchorFolder { get; set; } = "";

    /// <summary>How often the folder is looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FolderInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often registered certificates are looked at for their end.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "24:00:00")]
    public TimeSpan ExpiryInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// A certificate that the registry binds to an agency must also lead to a trusted authority. Otherwise one that
    /// does not is trusted by its registration alone, and revoked only there.
    /// </summary>
    public bool RegisteredMustChain { get; set; }

    /// <summary>PDF attachments of one package whose signatures are judged; the others are "unsupported".</summary>
    [Range(0, 1_000)]
    public int MaxDocuments { get; set; } = 32;

    /// <summary>Decoded bytes of one package's PDF attachments that are read for their signatures.</summary>
    [Range(0, 2_000_000_000)]
    public long MaxDocumentBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Time that the signatures of one package's PDF attachments may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan MaxDocumentTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>PDF files up to this size (bytes) are judged in memory, larger ones from a temporary file.</summary>
    [Range(0, 64 * 1024 * 1024)]
    public int DocumentMemoryBytes { get; set; } = 1024 * 1024;

    public DocumentLimits ToLimits() =>
        new()
        {
            MaxDocuments = MaxDocuments,
            MaxBytes = MaxDocumentBytes,
            MaxTime = MaxDocumentTime,
            MemoryBytes = DocumentMemoryBytes,
        };
}
