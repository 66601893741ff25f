using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Vxp;

/// <summary>The door for clients of the national axis' SDK.</summary>
public sealed class VxpOptions
{
    public const string Section = "Vxp";

    /// <summary>
    /// File of the AES-256 key that seals VXP secrets, in base64. Created at the first start; all nodes share it. Without
    /// one the door takes nobody, and no secret can be stored.
    /// </summary>
    public string KeyFile { get; set; } = "";

    /// <summary>
    /// Most bytes in the head of one request, on every listener. Recipients stand in it twice, 34 bytes for a code of 13
    /// characters: the default has room for 7,500.
    /// </summary>
    [Range(32 * 1024, 1024 * 1024)]
    public int MaxHeaderBytes { get; set; } = 256 * 1024;

    /// <summary>Items of one list. The protocol knows no pages; what is acknowledged makes room for the next.</summary>
    [Range(1, 10_000)]
    public int MaxListItems { get; set; } = 1_000;
}
