using System.Runtime.InteropServices;
using System.Text;

namespace Axis.EdXml.Xml;

public sealed partial class XmlTokenizer
{
    private readonly XmlNamespaces _namespaces = new();
    private AttributeSlice[] _attributes = new AttributeSlice[4];
    private Frame[] _frames = new Frame[8];
    private byte[] _names = new byte[256];
    private int _depth;

    internal int AttributeCount { get; private set; }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Frame(
        int NameStart,
        int NameLength,
        int PrefixLength,
        int Namespaces
    );

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct AttributeSlice(
        int NameStart,
        int NameLength,
        int PrefixLength,
        int ValueStart,
        int ValueLength,
        int Namespace
    )
    {
        internal ReadOnlySpan<byte> Name(ReadOnlySpan<byte> tag) =>
            tag.Slice(NameStart, NameLength);

        internal ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> tag) =>
            tag.Slice(NameStart, PrefixLength);

        internal ReadOnlySpan<byte> LocalName(ReadOnlySpan<byte> tag) =>
            Local(Name(tag), PrefixLength);

        internal ReadOnlySpan<byte> Value(ReadOnlySpan<byte> tag) =>
            tag.Slice(ValueStart, ValueLength);

        internal bool Declares(ReadOnlySpan<byte> tag) =>
            (PrefixLength == 5 || NameLength == 5)
            && tag.Slice(NameStart, 5).SequenceEqual("xmlns"u8);
    }

    internal static ReadOnlySpan<byte> Local(ReadOnlySpan<byte> name, int prefixLength) =>
        prefixLength == 0 ? name : name[(prefixLength + 1)..];

    private ReadOnlySpan<byte> TopName() =>
        _names.AsSpan(_frames[_depth - 1].NameStart, _frames[_depth - 1].NameLength);

    private void HandleStartTag(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> piece, int at)
    {
        if (_depth == 0 && _rootSeen)
        {
            FailMarkup(XmlErrorKind.SecondRoot, tag, 0, piece, at, null);
            return;
        }
        if (_depth == _limits.MaxDepth)
        {
            FailMarkup(XmlErrorKind.TooDeep, tag, 0, piece, at, null);
            return;
        }
        var empty = tag[^2] == (byte)'/';
        var end = tag.Length - (empty ? 2 : 1);
        var nameLength = MeasureName(tag[1..end], out var prefixLength, out var kind);
        if (nameLength < 0)
        {
            FailMarkup(kind, tag, 1, piece, at, Show(tag));
            return;
        }
        var namespacesBefore = _namespaces.Count;
        AttributeCount = 0;
        if (1 + nameLength < end)
        {
            var index = ReadAttributes(tag, 1 + nameLength, end, out kind);
            if (kind == XmlErrorKind.None)
                kind = DeclareNamespaces(tag, out index);
            if (kind == XmlErrorKind.None)
                kind = CheckAttributes(tag, out index);
            if (kind != XmlErrorKind.None)
            {
                FailMarkup(kind, tag, index, piece, at, AttributeDetail(tag, index, kind));
                return;
            }
        }
        var prefix = tag.Slice(1, prefixLength);
        if (
            !_namespaces.TryResolve(prefix, out var elementNamespace)
            || prefix.SequenceEqual("xmlns"u8)
        )
        {
            FailMarkup(
                XmlErrorKind.UnboundPrefix,
                tag,
                0,
                piece,
                at,
                Encoding.UTF8.GetString(prefix)
            );
            return;
        }

        Push(tag.Slice(1, nameLength), prefixLength, namespacesBefore);
        _rootSeen = true;
        var start = at >= 0 ? Offset0(at) : _carryPosition.Offset;
        var before = at >= 0 ? piece[..at] : default;
        _sink.StartElement(
            new XmlStartTag(this, tag, before, nameLength, prefixLength, elementNamespace, start)
        );
        if (empty)
        {
            _sink.EndElement(
                new XmlEndTag(
                    [],
                    tag.Slice(1, nameLength),
                    prefixLength,
                    _depth,
                    start + tag.Length
                )
            );
            Pop();
        }
    }

    private void HandleEndTag(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> piece, int at)
    {
        var name = tag[2..^1];
        if (_depth > 0 && !name.SequenceEqual(TopName()))
            name = name.TrimEnd(" \t\r\n"u8);
        if (_depth == 0 || !name.SequenceEqual(TopName()))
        {
            FailMarkup(XmlErrorKind.MismatchedEndTag, tag, 0, piece, at, $"</{Show(name)}>");
            Error = Error with { Expected = _depth == 0 ? null : $"</{OpenElement()}>" };
            return;
        }
        var start = at >= 0 ? Offset0(at) : _carryPosition.Offset;
        _sink.EndElement(new XmlEndTag(tag, name, _frames[_depth - 1].PrefixLength, _depth, start));
        Pop();
    }

    private void Push(ReadOnlySpan<byte> name, int prefixLength, int namespacesBefore)
    {
        var start =
            _depth == 0 ? 0 : _frames[_depth - 1].NameStart + _frames[_depth - 1].NameLength;
        if (start + name.Length > _names.Length)
            Array.Resize(ref _names, Math.Max(_names.Length * 2, start + name.Length));
        if (_depth == _frames.Length)
            Array.Resize(ref _frames, _depth * 2);
        name.CopyTo(_names.AsSpan(start));
        _frames[_depth++] = new Frame(start, name.Length, prefixLength, namespacesBefore);
    }

    private void Pop() => _namespaces.Forget(_frames[--_depth].Namespaces);

    /// <summary>Length of the qualified name at the start; -1 when there is none or it is malformed.</summary>
    private static int MeasureName(
        ReadOnlySpan<byte> text,
        out int prefixLength,
        out XmlErrorKind kind
    )
    {
        prefixLength = 0;
        kind = XmlErrorKind.MalformedName;
        var startExpected = true;
        var i = 0;
        while (i < text.Length)
        {
            var b = text[i];
            if (b < 0x80)
            {
                if (startExpected ? XmlChars.IsAsciiNameStart(b) : XmlChars.IsAsciiName(b))
                {
                    startExpected = false;
                    i++;
                    continue;
                }
                if (b != (byte)':')
                    break;
                if (startExpected || prefixLength > 0)
                    return -1;
                prefixLength = i++;
                startExpected = true;
                continue;
            }
            var length = XmlChars.Decode(text[i..], out var c);
            if (length <= 0)
            {
                kind = XmlErrorKind.InvalidUtf8;
                return -1;
            }
            if (startExpected ? !XmlChars.IsNameStart(c) : !XmlChars.IsName(c))
                break;
            startExpected = false;
            i += length;
        }
        return startExpected ? -1 : i;
    }

    /// <summary>Fills the attribute table; returns the index of the problem, if any.</summary>
    private int ReadAttributes(ReadOnlySpan<byte> tag, int at, int end, out XmlErrorKind kind)
    {
        while (true)
        {
            var gap = at;
            while (at < end && XmlChars.IsSpace(tag[at]))
                at++;
            kind = XmlErrorKind.None;
            if (at == end)
                return at;
            kind = XmlErrorKind.MalformedAttribute;
            if (gap == at)
                return at;
            if (AttributeCount == _limits.MaxAttributes)
            {
                kind = XmlErrorKind.TooManyAttributes;
                return at;
            }
            var nameStart = at;
            var nameLength = MeasureName(tag[at..end], out var prefixLength, out kind);
            if (nameLength < 0)
                return at;
            kind = XmlErrorKind.MalformedAttribute;
            at = SkipSpaces(tag, at + nameLength, end);
            if (at == end || tag[at] != (byte)'=')
                return nameStart;
            at = SkipSpaces(tag, at + 1, end);
            if (at == end || tag[at] is not ((byte)'"' or (byte)'\''))
                return nameStart;
            var length = tag[(at + 1)..end].IndexOf(tag[at]);
            if (length < 0)
                return nameStart;
            kind = CheckValue(tag.Slice(at + 1, length));
            if (kind != XmlErrorKind.None)
                return nameStart;
            if (AttributeCount == _attributes.Length)
                Array.Resize(ref _attributes, AttributeCount * 2);
            _attributes[AttributeCount++] = new AttributeSlice(
                nameStart,
                nameLength,
                prefixLength,
                at + 1,
                length,
                -1
            );
            at += length + 2;
        }
    }

    private static int SkipSpaces(ReadOnlySpan<byte> tag, int at, int end)
    {
        while (at < end && XmlChars.IsSpace(tag[at]))
            at++;
        return at;
    }

    private static XmlErrorKind CheckValue(ReadOnlySpan<byte> value)
    {
        if (XmlChars.Validate(value, out var kind, out _) < value.Length)
            return kind;
        while (true)
        {
            var at = value.IndexOf((byte)'&');
            if (at < 0)
                return XmlErrorKind.None;
            value = value[at..];
            var end = value.IndexOf((byte)';');
            if (end < 0 || end >= XmlText.MaxReferenceBytes)
                return XmlErrorKind.MalformedAttribute;
            kind = XmlText.TryReference(value[..(end + 1)], out _);
            if (kind != XmlErrorKind.None)
                return kind;
            value = value[(end + 1)..];
        }
    }

    /// <summary>Namespaces in XML 1.0, section 3: xmlns cannot be declared, xml only as itself, and a prefix not as nothing.</summary>
    private XmlErrorKind DeclareNamespaces(ReadOnlySpan<byte> tag, out int index)
    {
        for (var i = 0; i < AttributeCount; i++)
        {
            var attribute = _attributes[i];
            index = attribute.NameStart;
            if (!attribute.Declares(tag))
                continue;
            if (_namespaces.Count > _limits.MaxNamespaces)
                return XmlErrorKind.TooManyNamespaces;
            var prefix = attribute.PrefixLength == 0 ? default : attribute.LocalName(tag);
            var uri = attribute.Value(tag);
            if (uri.IndexOfAny("&\t\r\n"u8) >= 0)
                uri = Encoding.UTF8.GetBytes(XmlText.DecodeAttribute(uri));
            var reserved = uri.SequenceEqual(XmlNamespaces.XmlUri);
            if (
                prefix.SequenceEqual("xmlns"u8)
                || uri.SequenceEqual(XmlNamespaces.XmlnsUri)
                || (uri.IsEmpty && !prefix.IsEmpty)
                || reserved != prefix.SequenceEqual("xml"u8)
            )
                return XmlErrorKind.MalformedNamespace;
            _namespaces.Declare(prefix, uri);
        }
        index = 0;
        return XmlErrorKind.None;
    }

    /// <summary>Each prefix is looked up once; pairs are compared by what was found, so that many prefixed attributes stay cheap.</summary>
    private XmlErrorKind CheckAttributes(ReadOnlySpan<byte> tag, out int index)
    {
        for (var i = 0; i < AttributeCount; i++)
        {
            ref var a = ref _attributes[i];
            index = a.NameStart;
            if (a.PrefixLength > 0 && !a.Declares(tag))
            {
                a = a with { Namespace = _namespaces.Find(a.Prefix(tag)) };
                if (a.Namespace < 0)
                    return XmlErrorKind.UnboundPrefix;
            }
            for (var j = 0; j < i; j++)
            {
                var b = _attributes[j];
                if (b.Name(tag).SequenceEqual(a.Name(tag)))
                    return XmlErrorKind.DuplicateAttribute;
                if (
                    a.Namespace >= 0
                    && b.Namespace >= 0
                    && b.LocalName(tag).SequenceEqual(a.LocalName(tag))
                    && _namespaces.Uri(b.Namespace).SequenceEqual(_namespaces.Uri(a.Namespace))
                )
                    return XmlErrorKind.DuplicateAttribute;
            }
        }
        index = 0;
        return XmlErrorKind.None;
    }

    private static string AttributeDetail(ReadOnlySpan<byte> tag, int index, XmlErrorKind kind)
    {
        var length = MeasureName(tag[index..], out var prefixLength, out _);
        if (length <= 0)
            return Show(tag[..Math.Min(tag.Length, 40)]);
        return Show(tag.Slice(index, kind == XmlErrorKind.UnboundPrefix ? prefixLength : length));
    }

    internal XmlAttribute GetAttribute(ReadOnlySpan<byte> tag, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, AttributeCount);
        var a = _attributes[index];
        var declares = a.Declares(tag);
        var uri = declares ? XmlNamespaces.XmlnsUri : default;
        if (a.Namespace >= 0)
            uri = _namespaces.Uri(a.Namespace);
        return new XmlAttribute
        {
            Name = a.Name(tag),
            Prefix = a.Prefix(tag),
            LocalName = a.LocalName(tag),
            Namespace = uri,
            RawValue = a.Value(tag),
            IsNamespaceDeclaration = declares,
        };
    }
}
