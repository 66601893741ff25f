namespace Axis.EdXml.Tests;

/// <summary>Small random damage to real-looking packages: what transport, bad code and attackers do to bytes.</summary>
internal static class Mutation
{
    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "<",
            ">",
            "/",
            "\"",
            "'",
            "&",
            ";",
            "=",
            " ",
            "\n",
            "\r",
            "\t",
            ":",
            "]]>",
            "<![CDATA[",
            "-->",
            "<!--",
            "--",
            "<?",
            "?>",
            "<?xml version=\"1.0\"?>",
            "<!DOCTYPE a>",
            "&amp;",
            "&#x41;",
            "&#0;",
            "&#xD800;",
            "&x;",
            "&lt;",
            "xmlns=\"\"",
            " xmlns:a=\"b\"",
            " a:b='c'",
            " x=\"1\" x=\"2\"",
            "<a/>",
            "</a>",
            "<a>",
            "<a:b/>",
            "\0",
            "ắ",
            "\uFFFE",
            "😀",
            "edXML",
            "edXML:",
            "</edXML:From>",
            "<edXML:From>",
            "xml",
            " xml:lang='vi'",
            "null",
            "cid:",
            "<Signature/>",
            "]",
            "\u0085",
            "\u2028",
            "·",
            "-",
            ".",
            "1",
        }.Select(System.Text.Encoding.UTF8.GetBytes),
        [0xC0, 0x80],
        [0xED, 0xA0, 0x80],
        [0xFF],
        [0xE1],
        [0xEF, 0xBF, 0xBD],
        [0xEF, 0xBB, 0xBF],
        [0xFE, 0xFF],
    ];

    internal static byte[] Apply(byte[] source, Random random, int most = 3)
    {
        var bytes = new List<byte>(source);
        for (var n = random.Next(1, most + 1); n > 0 && bytes.Count > 0; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 40)));
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    var length = Math.Min(bytes.Count - at, random.Next(1, 200));
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Small documents in which every byte matters.</summary>
    internal static readonly string[] Seeds =
    [
        "<a/>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b='c' d=\"e&amp;f\">t&#x1EAF;<!-- c --><![CDATA[x]]y]]><?p d?></a>\n<!-- end -->",
        "<p:a xmlns:p='u' p:x='1' x='2'><b xmlns='v'><p:c xmlns:p='w'/></b>]] &gt;</p:a>",
        "<a xmlns:x='u' xmlns:y='v' x:k='1' y:k='2'>Số 1 Hoàng Hoa Thám</a>",
        "<!-- c --><?pi?><a><b><c>x</c><c/></b></a>",
        "<a>]]&gt;]<b/>]&gt;</a>",
    ];
}
