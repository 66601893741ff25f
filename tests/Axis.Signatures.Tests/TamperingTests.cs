namespace Axis.Signatures.Tests;

/// <summary>One changed byte anywhere outside the Signature element, and most inside, must not verify.</summary>
internal sealed class TamperingTests
{
    private static readonly byte[] Signed = Province.Sign(Samples.Synthetic);

    [Test]
    public void Every_changed_letter_or_digit_breaks_the_signature()
    {
        var text = Province.Text(Signed);
        var after = text.LastIndexOf("</edXML>", StringComparison.Ordinal);
        var survivors = new List<string>();
        for (var i = text.IndexOf("<edXML ", StringComparison.Ordinal); i < after; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]) || IsComment(text, i))
                continue;
            var changed = text[..i] + (text[i] == 'A' ? 'B' : 'A') + text[(i + 1)..];
            var verdict = Province.Verify(changed);
            if (verdict.IsValid)
                survivors.Add($"{i}: {text[Math.Max(0, i - 20)..i]}[{text[i]}]");
        }
        Assert.That(survivors, Is.Empty);
    }

    private static bool IsComment(string text, int i)
    {
        var open = text.LastIndexOf("<!--", i, StringComparison.Ordinal);
        return open >= 0 && text.IndexOf("-->", open, StringComparison.Ordinal) > i;
    }

    [TestCaseSource(typeof(Samples), nameof(Samples.Documents))]
    public void A_flipped_byte_in_header_body_or_attachment_of_a_real_package_breaks_it(string name)
    {
        var signed = Province.Sign(Samples.Read(name));
        string[] values =
        [
            "OrganId>",
            "Subject>",
            "ContentId>",
            "AttachmentName>",
            "ContentTransferEncoded",
        ];
        foreach (var value in values)
        {
            var at = Find(signed, value);
            if (at < 0)
                continue;
            var changed = signed.ToArray();
            changed[at] ^= 0x01;
            Assert.That(
                Province.Verify(changed).Kind,
                Is.EqualTo(SignatureVerdictKind.Broken),
                $"after {value}"
            );
        }
    }

    /// <summary>The first letter or digit of the element's text.</summary>
    private static int Find(byte[] package, string element)
    {
        var text = System.Text.Encoding.Latin1.GetString(package);
        var at = text.IndexOf(element, StringComparison.Ordinal);
        if (at < 0)
            return -1;
        at = text.IndexOf('>', at + element.Length - 1);
        while (!char.IsAsciiLetterOrDigit(text[at]))
            at++;
        return at;
    }

    [TestCase("Sở Nội vụ", "Sở Nội Vụ")]
    [TestCase("<edXML:Empty/>", "")]
    [TestCase("<edXML:Empty/>", "<edXML:Empty/><edXML:Empty/>")]
    [TestCase("<edXML:Empty/>", "<edXML:Empty> </edXML:Empty>")]
    [TestCase("z=\"1\"", "")]
    [TestCase("cid:1", "cid:1 ")]
    [TestCase("<?after it?>", "")]
    [TestCase("quý I&#13;", "quý I")]
    [TestCase("\n<?after it?>", "\n<?before?><?after it?>")]
    public void A_change_of_content_breaks_it(string from, string to) =>
        Assert.That(
            Province.Verify(Province.Text(Signed).Replace(from, to, StringComparison.Ordinal)).Kind,
            Is.EqualTo(SignatureVerdictKind.Broken)
        );

    [TestCase(
        "<edXML:Empty/>",
        "<edXML:Empty></edXML:Empty>",
        TestName = "An empty element written with two tags"
    )]
    [TestCase(
        "z=\"1\" a='&#x9;\"2&quot;'",
        "a=\"&#9;&#34;2&#34;\"   z='1'",
        TestName = "Attributes written otherwise"
    )]
    [TestCase(
        "<!-- inside -->",
        "<!-- other -->",
        TestName = "Comments, which the algorithm leaves out"
    )]
    [TestCase(
        "<![CDATA[ <giao> & ban ]]>",
        " &lt;giao&gt; &#38; ban ",
        TestName = "CDATA written as text"
    )]
    [TestCase("\n", "\r\n", TestName = "Line ends")]
    public void A_change_of_spelling_does_not_break_it(string from, string to) =>
        Assert.That(
            Province.Verify(Province.Text(Signed).Replace(from, to, StringComparison.Ordinal)).Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );
}
