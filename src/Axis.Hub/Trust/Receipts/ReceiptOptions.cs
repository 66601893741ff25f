using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Trust.Receipts;

public sealed class ReceiptOptions
{
    public const string Section = "Receipts";

    /// <summary>
    /// The key that signs receipts: PEM (P-256, or RSA of 2048 bits or more) or PKCS#12 (.p12, .pfx). Empty:
    /// receipt-key.pem beside the key of access tokens, made at the first start. The same for all nodes.
    /// </summary>
    public string KeyFile { get; set; } = "";

    /// <summary>A file whose first line is the password of the key file, if it has one.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>
    /// Folder of public keys (PEM) that signed receipts before, so that old receipts can still be verified.
    /// </summary>
    public string FormerKeyFolder { get; set; } = "";

    /// <summary>Who signs, as written into receipts.</summary>
    [Required]
    public string Issuer { get; set; } = "axis";
}
