using System.Runtime.InteropServices;

namespace Axis.EdXml.Xml;

/// <summary>Why a tokenizer stopped.</summary>
public enum XmlErrorKind
{
    None,

    /// <summary>No bytes, or no root element.</summary>
    Empty,

    /// <summary>UTF-16, UTF-32 or another encoding than UTF-8 is declared or used.</summary>
    UnsupportedEncoding,
    InvalidUtf8,
    IllegalCharacter,

    /// <summary>Text before or after the root element, e.g. junk before the XML declaration.</summary>
    TextOutsideRoot,

    /// <summary>An XML declaration that is malformed or not at the very start.</summary>
    MisplacedDeclaration,
    MalformedMarkup,
    MalformedName,
    MalformedAttribute,
    DuplicateAttribute,
    UnboundPrefix,
    MalformedNamespace,
    MismatchedEndTag,
    UndefinedEntity,

    /// <summary>A document type declaration: never read.</summary>
    Dtd,
    SecondRoot,
    UnexpectedEnd,
    TooDeep,
    TagTooLong,
    TooManyAttributes,
    TooManyNamespaces,
}

/// <summary>A position in the package: byte offset from 0, line and column (in characters) from 1.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct XmlPosition(long Offset, int Line, int Column)
{
    internal XmlPosition Over(ReadOnlySpan<byte> bytes)
    {
        var lines = bytes.Count((byte)'\n');
        var rest = lines == 0 ? bytes : bytes[(bytes.LastIndexOf((byte)'\n') + 1)..];
        var column = (lines == 0 ? Column : 1) + XmlChars.CountCharacters(rest);
        return new XmlPosition(Offset + bytes.Length, Line + lines, column);
    }
}

/// <summary>Why and where a tokenizer stopped.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Position">Where; for a tag, its start or the offending attribute.</param>
/// <param name="Detail">The offending name or value, where there is one.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct XmlError(XmlErrorKind Kind, XmlPosition Position, string? Detail)
{
    /// <summary>What would have been right, where that is known.</summary>
    public string? Expected { get; init; }
}

/// <summary>What a tokenizer accepts.</summary>
public sealed record XmlLimits
{
    public static XmlLimits Default { get; } = new();
    public int MaxDepth { get; init; } = 64;

    /// <summary>Bytes of one tag or processing instruction.</summary>
    public int MaxTagBytes { get; init; } = 16 * 1024;
    public int MaxAttributes { get; init; } = 64;

    /// <summary>Namespace declarations in scope at one place.</summary>
    public int MaxNamespaces { get; init; } = 64;
}
