using System.Text;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>Turns raw character data into canonical text (Canonical XML 1.0 section 2.3).</summary>
internal sealed class CanonicalText(CanonicalOutput output)
{
    private enum Run : byte
    {
        None,
        Text,
        Section,
        Comment,
    }

    /// <summary>The kind of run whose last byte was a carriage return; a line feed at the start of its next piece belongs to it.</summary>
    private Run _afterReturn;

    /// <summary>Tells that the current run has ended: no line feed belongs to it any more.</summary>
    public void EndRun() => _afterReturn = Run.None;

    /// <summary>Almost everything in a package is base64: it goes to the output as it lies in the input.</summary>
    public void WriteText(ReadOnlySpan<byte> raw)
    {
        raw = SkipLineFeed(raw, Run.Text);
        while (true)
        {
            var stop = raw.IndexOfAny((byte)'&', (byte)'>', (byte)'\r');
            if (stop < 0)
                break;
            output.Write(raw[..stop]);
            raw = raw[stop..];
            switch (raw[0])
            {
                case (byte)'>':
                    output.Write("&gt;"u8);
                    raw = raw[1..];
                    break;
                case (byte)'\r':
                    raw = WriteLineEnd(raw, Run.Text);
                    break;
                default:
                    raw = WriteReference(raw, attribute: false);
                    break;
            }
        }
        output.Write(raw);
    }

    /// <summary>A CDATA section becomes text.</summary>
    public void WriteSection(ReadOnlySpan<byte> raw)
    {
        raw = SkipLineFeed(raw, Run.Section);
        while (true)
        {
            var stop = raw.IndexOfAny("&<>\r"u8);
            if (stop < 0)
                break;
            output.Write(raw[..stop]);
            raw = raw[stop..];
            if (raw[0] == (byte)'\r')
            {
                raw = WriteLineEnd(raw, Run.Section);
                continue;
            }
            WriteEscaped(raw[0], attribute: false);
            raw = raw[1..];
        }
        output.Write(raw);
    }

    /// <summary>Content of comments and processing instructions: only line ends change.</summary>
    public void WriteVerbatim(ReadOnlySpan<byte> raw)
    {
        raw = SkipLineFeed(raw, Run.Comment);
        for (var stop = raw.IndexOf((byte)'\r'); stop >= 0; stop = raw.IndexOf((byte)'\r'))
        {
            output.Write(raw[..stop]);
            raw = WriteLineEnd(raw[stop..], Run.Comment);
        }
        output.Write(raw);
    }

    /// <summary>The value is normalised first (XML 1.0 section 3.3.3): white space becomes spaces, unless written as references.</summary>
    public void WriteAttributeValue(ReadOnlySpan<byte> raw)
    {
        while (true)
        {
            var stop = raw.IndexOfAny("&\"\t\r\n"u8);
            if (stop < 0)
                break;
            output.Write(raw[..stop]);
            raw = raw[stop..];
            switch (raw[0])
            {
                case (byte)'&':
                    raw = WriteReference(raw, attribute: true);
                    break;
                case (byte)'"':
                    output.Write("&quot;"u8);
                    raw = raw[1..];
                    break;
                default:
                    output.Write((byte)' ');
                    raw = raw[(raw is [(byte)'\r', (byte)'\n', ..] ? 2 : 1)..];
                    break;
            }
        }
        output.Write(raw);
    }

    /// <summary>A namespace name, whose references are resolved already.</summary>
    public void WriteNamespaceName(ReadOnlySpan<byte> uri)
    {
        foreach (var b in uri)
            WriteEscaped(b, attribute: true);
    }

    private ReadOnlySpan<byte> SkipLineFeed(ReadOnlySpan<byte> raw, Run run)
    {
        var after = _afterReturn;
        if (raw.IsEmpty)
            return raw;
        _afterReturn = Run.None;
        return after == run && raw[0] == (byte)'\n' ? raw[1..] : raw;
    }

    private ReadOnlySpan<byte> WriteLineEnd(ReadOnlySpan<byte> raw, Run run)
    {
        // The line feed of a pair goes out with the text that follows it.
        if (raw.Length > 1 && raw[1] == (byte)'\n')
            return raw[1..];
        output.Write((byte)'\n');
        if (raw.Length == 1)
            _afterReturn = run;
        return raw[1..];
    }

    /// <summary>The tokenizer has checked that the reference is whole and resolves.</summary>
    private ReadOnlySpan<byte> WriteReference(ReadOnlySpan<byte> raw, bool attribute)
    {
        var end = raw.IndexOf((byte)';') + 1;
        if (XmlText.TryReference(raw[..end], out var character) != XmlErrorKind.None)
            throw new InvalidOperationException("The tokenizer let an unknown reference pass.");
        if (character < 0x80)
        {
            WriteEscaped((byte)character, attribute);
        }
        else
        {
            Span<byte> utf8 = stackalloc byte[4];
            output.Write(utf8[..new Rune(character).EncodeToUtf8(utf8)]);
        }
        return raw[end..];
    }

    private void WriteEscaped(byte character, bool attribute)
    {
        var escape = (char)character switch
        {
            '&' => "&amp;"u8,
            '<' => "&lt;"u8,
            '\r' => "&#xD;"u8,
            '>' when !attribute => "&gt;"u8,
            '"' when attribute => "&quot;"u8,
            '\t' when attribute => "&#x9;"u8,
            '\n' when attribute => "&#xA;"u8,
            _ => default,
        };
        if (escape.IsEmpty)
            output.Write(character);
        else
            output.Write(escape);
    }
}
