using Axis.EdXml.Xml;

namespace Axis.EdXml;

/// <summary>Names the tokenizer's errors by rule number.</summary>
internal static class XmlFindings
{
    internal static Finding From(XmlError error, string path, ReadLimits limits)
    {
        var (rule, expected) = error.Kind switch
        {
            XmlErrorKind.Empty => (Rules.EmptyPackage, null),
            XmlErrorKind.UnsupportedEncoding => (Rules.UnsupportedEncoding, "UTF-8"),
            XmlErrorKind.InvalidUtf8 => (Rules.InvalidUtf8, null),
            XmlErrorKind.IllegalCharacter => (Rules.IllegalCharacter, null),
            XmlErrorKind.TextOutsideRoot => (Rules.TextOutsideRoot, null),
            XmlErrorKind.MisplacedDeclaration => (
                Rules.MisplacedDeclaration,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
            ),
            XmlErrorKind.UnboundPrefix => (
                Rules.UnboundPrefix,
                error.Detail is { } p ? $"xmlns:{p}=\"…\"" : null
            ),
            XmlErrorKind.DuplicateAttribute => (Rules.DuplicateAttribute, null),
            XmlErrorKind.MismatchedEndTag => (Rules.MismatchedEndTag, null),
            XmlErrorKind.UndefinedEntity => (
                Rules.UndefinedEntity,
                "&amp; &lt; &gt; &quot; &apos;"
            ),
            XmlErrorKind.Dtd => (Rules.DtdRefused, null),
            XmlErrorKind.UnexpectedEnd => (Rules.UnexpectedEnd, null),
            XmlErrorKind.TooDeep => (Rules.TooDeep, limits.MaxDepth.ToString()),
            XmlErrorKind.TagTooLong => (Rules.TagTooLong, limits.MaxTagBytes.ToString()),
            XmlErrorKind.TooManyAttributes => (
                Rules.TooManyAttributes,
                limits.MaxAttributes.ToString()
            ),
            XmlErrorKind.TooManyNamespaces => (
                Rules.TooManyNamespaces,
                XmlLimits.Default.MaxNamespaces.ToString()
            ),
            _ => (Rules.NotWellFormed, (string?)null),
        };
        var value = error.Detail ?? (rule == Rules.NotWellFormed ? error.Kind.ToString() : null);
        return new Finding(
            rule,
            path,
            Finding.Shorten(value),
            error.Expected ?? expected,
            error.Position.Line,
            error.Position.Column
        );
    }
}
