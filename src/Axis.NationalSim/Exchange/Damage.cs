using System.Text;
using Axis.Vxp;

namespace Axis.NationalSim.Exchange;

/// <summary>What may be wrong with a document for good: whoever collects it never gets a package.</summary>
internal static class Damage
{
    private static readonly ViceKind[] s_kinds =
    [
        ViceKind.NoPackage,
        ViceKind.XmlBomb,
        ViceKind.BadBase64,
        ViceKind.GhostItem,
    ];

    /// <summary>No base64 in any spelling.</summary>
    public const string NoBase64 = "PD94bWw*!*";

    private static readonly byte[] s_noPackage = "%PDF-1.7 Công văn scan"u8.ToArray();

    // Nine steps of ten: a reader that follows them holds 3 GB.
    private static readonly byte[] s_bomb = Encoding.UTF8.GetBytes(
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE edXML [
        <!ENTITY e0 "hỏa">
        {string.Concat(
            Enumerable.Range(1, 9).Select(step =>
                $"<!ENTITY e{step} \"{string.Concat(Enumerable.Repeat($"&e{step - 1};", 10))}\">\n"
            )
        )}]>
        <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope>&e9;</edXMLEnvelope></edXML>
        """
    );

    /// <summary>What is wrong with the document that comes now.</summary>
    public static ViceKind? Next(Vices vices) =>
        s_kinds
            .Where(kind => vices.Shows(kind, VxpCall.GetEdoc.Name) is not null)
            .Select(kind => (ViceKind?)kind)
            .FirstOrDefault();

    /// <summary>What stands in its place; null when its bytes are as they were.</summary>
    public static byte[]? BytesOf(ViceKind kind) =>
        kind switch
        {
            ViceKind.NoPackage => s_noPackage,
            ViceKind.XmlBomb => s_bomb,
            _ => null,
        };
}
