using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>Well-formed documents with everything that canonicalisation has to treat: the same seed gives the same document.</summary>
/// <param name="seed">Of the choices.</param>
/// <param name="plain">
/// For libxml2: namespace names without references and other letters than ASCII, which it cannot canonicalise, but
/// declarations of the prefix xml, which the platform's transforms wrongly write out.
/// </param>
internal sealed class DocumentGenerator(int seed, bool plain)
{
    private static readonly string[] Prefixes = ["", "a", "b", "edXML"];
    private static readonly string[] Uris =
    [
        "urn:1",
        "urn:2",
        "http://example.org/ns?x=1&amp;y=2",
        "urn:đ",
        "urn:\t1",
        "urn:\r\n2",
    ];
    private static readonly string[] PlainUris = ["urn:1", "urn:2", "http://example.org/ns?x=1"];
    private static readonly string[] Names = ["x", "y", "Tên", "long-name.1", "Z"];
    private static readonly string[] Texts =
    [
        "text",
        "Cộng hòa xã hội chủ nghĩa Việt Nam",
        " ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "&amp;",
        "&lt;",
        "&gt;",
        "&quot;",
        "&apos;",
        "&#13;",
        "&#xD;",
        "&#10;",
        "&#9;",
        "&#x1F600;",
        "😀",
        ">",
        "]]",
        "\"",
        "'",
        "&#38;",
        "&#x3c;",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==\r\n",
    ];

    private readonly Random _random = new(seed);
    private readonly StringBuilder _text = new();
    private int _budget = 40;

    public static byte[] Generate(int seed, bool plain = false) =>
        Encoding.UTF8.GetBytes(new DocumentGenerator(seed, plain).Document());

    /// <summary>One element, to stand anywhere in a document.</summary>
    public static string GenerateElement(int seed)
    {
        var generator = new DocumentGenerator(seed, plain: true);
        generator.Element([], depth: 0);
        return generator._text.ToString();
    }

    private string Document()
    {
        if (Chance(2))
            _text.Append(
                Chance(2)
                    ? "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                    : "<?xml version='1.0'?>\r\n"
            );
        Outside();
        Element([], depth: 0);
        Outside();
        return _text.ToString();
    }

    private void Outside()
    {
        for (var i = _random.Next(3); i > 0; i--)
            _text.Append(
                Pick(
                    "\n",
                    "<!-- outside\r\n-->",
                    "<?pi?>",
                    "<?pi  some data ?>",
                    "<!---->",
                    "  ",
                    "<!--a-b-->"
                )
            );
    }

    private void Element(Dictionary<string, string> inherited, int depth)
    {
        _budget--;
        var scope = new Dictionary<string, string>(inherited, StringComparer.Ordinal);
        var items = new List<string>();
        foreach (var prefix in Prefixes)
        {
            if (!Chance(4))
                continue;
            var uri = prefix.Length == 0 && Chance(4) ? "" : Pick(plain ? PlainUris : Uris);
            scope[prefix] = uri;
            items.Add($"xmlns{(prefix.Length > 0 ? ":" : "")}{prefix}={Quote(uri)}");
        }
        if (plain && Chance(20))
            items.Add("xmlns:xml='http://www.w3.org/XML/1998/namespace'");
        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var i = _random.Next(4); i > 0; i--)
        {
            var prefix = Bound(scope, attribute: true);
            var name = Pick(Names);
            if (used.Add((prefix.Length == 0 ? "" : scope[prefix]) + "|" + name))
                items.Add($"{(prefix.Length > 0 ? prefix + ":" : "")}{name}={Quote(Value())}");
        }
        if (Chance(10))
            items.Add($"xml:lang={Quote("vi")}");
        if (Chance(15))
            items.Add("xml:space='preserve'");
        var element = Bound(scope, attribute: false);
        var qualified = (element.Length > 0 ? element + ":" : "") + Pick(Names);
        _text.Append('<').Append(qualified);
        foreach (var item in items.OrderBy(_ => _random.Next()))
            _text.Append(Pick(" ", "  ", "\n", "\r\n ", "\t")).Append(item);
        if (Chance(4))
        {
            _text.Append(Pick("/>", " />"));
            return;
        }
        _text.Append(Pick(">", " >"));
        Content(scope, depth);
        _text.Append("</").Append(qualified).Append(Pick(">", " >"));
    }

    private void Content(Dictionary<string, string> scope, int depth)
    {
        for (var i = _random.Next(7); i > 0; i--)
        {
            switch (_random.Next(8))
            {
                case 0 or 1 when depth < 12 && _budget > 0:
                    Element(scope, depth + 1);
                    break;
                case 2:
                    _text.Append(
                        Pick("<!-- c -->", "<!--a\r\nb&<>-->", "<!---->", "<!-- - -->", "<!--\r-->")
                    );
                    break;
                case 3:
                    _text.Append(Pick("<?p?>", "<?p q\r\nr?>", "<?p-2   & < > ?>"));
                    break;
                case 4:
                    do _text.Append("<![CDATA[").Append(Section()).Append("]]>");
                    while (Chance(3));
                    break;
                default:
                    _text.Append(Pick(Texts));
                    break;
            }
            // The end of a section may not arise from pieces of text.
            if (_text.Length > 2 && _text[^1] == ']' && _text[^2] == ']')
                _text.Append(' ');
        }
    }

    private string Section() =>
        Pick("", "<&>\"'", "a\r\nb", "]", "]]", "]>", "&amp;", "Việt 😀", "\t\n", "\r", "\n");

    private string Value()
    {
        var value = new StringBuilder();
        for (var i = _random.Next(4); i > 0; i--)
            value.Append(Pick(Texts));
        return value.ToString();
    }

    private string Bound(Dictionary<string, string> scope, bool attribute)
    {
        var bound = scope.Where(b => b.Key.Length > 0).Select(b => b.Key).Append("").ToArray();
        var prefix = Pick(bound);
        return attribute && prefix.Length > 0 && scope[prefix].Length == 0 ? "" : prefix;
    }

    private string Quote(string value) =>
        Chance(2)
            ? $"\"{value.Replace("\"", "&quot;", StringComparison.Ordinal)}\""
            : $"'{value.Replace("'", "&apos;", StringComparison.Ordinal)}'";

    private bool Chance(int outOf) => _random.Next(outOf) == 0;

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
