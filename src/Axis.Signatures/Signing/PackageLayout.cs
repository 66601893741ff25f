using System.Buffers;
using System.Text;

namespace Axis.Signatures;

/// <summary>Where in the bytes of a package the signature stands or belongs.</summary>
/// <param name="HeaderEnd">Offset of the end tag of edXMLHeader.</param>
/// <param name="SignatureStart">Offset of an existing Signature child of edXMLHeader; -1 for none.</param>
/// <param name="SignatureEnd">Offset after it.</param>
internal sealed record PackageLayout(int HeaderEnd, int SignatureStart, int SignatureEnd)
{
    private static readonly SearchValues<byte> NameEnds = SearchValues.Create(" \t\r\n/>"u8);

    /// <summary>Finds the places. The bytes must be well-formed UTF-8 XML without a DTD, which the caller has checked.</summary>
    public static PackageLayout Read(ReadOnlySpan<byte> bytes)
    {
        var path = new List<string>();
        var headerEnd = -1;
        var signatureStart = -1;
        var signatureEnd = -1;
        for (var at = bytes.IndexOf((byte)'<'); at < bytes.Length; )
        {
            var rest = bytes[at..];
            var length = Measure(rest);
            var local = LocalName(rest);
            if (rest[1] == (byte)'/')
            {
                if (IsHeader(path) && headerEnd < 0)
                    headerEnd = at;
                if (IsHeader(path, below: 1) && path[3] == "Signature")
                    signatureEnd = at + length;
                path.RemoveAt(path.Count - 1);
            }
            else if (rest[1] is not ((byte)'!' or (byte)'?'))
            {
                if (local == "Signature")
                {
                    if (!IsHeader(path) || signatureStart >= 0)
                        throw Misplaced();
                    signatureStart = at;
                    signatureEnd = at + length;
                }
                if (rest[length - 2] != (byte)'/')
                    path.Add(local);
            }
            at += length;
            var next = bytes[at..].IndexOf((byte)'<');
            if (next < 0)
                break;
            at += next;
        }
        return headerEnd >= 0
            ? new PackageLayout(headerEnd, signatureStart, signatureEnd)
            : throw NoHeader();
    }

    private static bool IsHeader(List<string> path, int below = 0) =>
        path.Count == 3 + below
        && path[0] == "edXML"
        && path[1] == "edXMLEnvelope"
        && path[2] == "edXMLHeader";

    private static int Measure(ReadOnlySpan<byte> markup)
    {
        if (markup.StartsWith("<!--"u8))
            return markup[4..].IndexOf("-->"u8) + 7;
        if (markup.StartsWith("<![CDATA["u8))
            return markup.IndexOf("]]>"u8) + 3;
        if (markup.StartsWith("<?"u8))
            return markup.IndexOf("?>"u8) + 2;
        var at = 1;
        while (markup[at] != (byte)'>')
            at += markup[at] is (byte)'"' or (byte)'\''
                ? markup[(at + 1)..].IndexOf(markup[at]) + 2
                : 1;
        return at + 1;
    }

    private static string LocalName(ReadOnlySpan<byte> markup)
    {
        var name = markup[(markup[1] == (byte)'/' ? 2 : 1)..];
        name = name[..name.IndexOfAny(NameEnds)];
        return Encoding.UTF8.GetString(name[(name.IndexOf((byte)':') + 1)..]);
    }

    private static SigningException NoHeader() =>
        new(
            "The package has no edXML/edXMLEnvelope/edXMLHeader to hold the signature.",
            "Gói tin không có edXML/edXMLEnvelope/edXMLHeader để đặt chữ ký."
        );

    private static SigningException Misplaced() =>
        new(
            "The package has a Signature outside its place, or several; it is not a package to sign.",
            "Gói tin có Signature sai vị trí hoặc nhiều Signature; không thể ký."
        );
}
