namespace Axis.Signatures;

/// <summary>A PDF object (ISO 32000-2 section 7.3), as far as it must be understood to compare two revisions.</summary>
internal abstract record PdfValue
{
    /// <summary>Do both say the same, however they are written?</summary>
    public static bool Same(PdfValue? one, PdfValue? other) =>
        (one, other) switch
        {
            (PdfArray a, PdfArray b) => a.Items.Count == b.Items.Count
                && a.Items.Zip(b.Items).All(pair => Same(pair.First, pair.Second)),
            (PdfDictionary a, PdfDictionary b) => a.Entries.Count == b.Entries.Count
                && a.Entries.All(entry => Same(entry.Value, b.Get(entry.Key))),
            (PdfText a, PdfText b) => string.Equals(a.Bytes, b.Bytes, StringComparison.Ordinal),
            _ => Equals(one, other),
        };
}

/// <summary>A name, without its slash.</summary>
internal sealed record PdfName(string Value) : PdfValue;

/// <summary>A number as it is written, or true, false or null.</summary>
internal sealed record PdfWord(string Text) : PdfValue
{
    public long? Integer =>
        long.TryParse(
            Text,
            System.Globalization.NumberStyles.AllowLeadingSign,
            System.Globalization.CultureInfo.InvariantCulture,
            out var value
        )
            ? value
            : null;
}

/// <summary>A string: one character for each byte.</summary>
/// <param name="Bytes">What it says.</param>
/// <param name="Start">Where its delimiter stands in the file.</param>
/// <param name="End">The byte after its closing delimiter.</param>
internal sealed record PdfText(string Bytes, long Start, long End) : PdfValue;

/// <summary>A reference to an object.</summary>
internal sealed record PdfReference(int Number, int Generation) : PdfValue;

internal sealed record PdfArray(IReadOnlyList<PdfValue> Items) : PdfValue;

internal sealed record PdfDictionary(IReadOnlyDictionary<string, PdfValue> Entries) : PdfValue
{
    /// <summary>Set for the dictionary of a stream: where its data begin.</summary>
    public long? DataStart { get; init; }

    public PdfValue? Get(string key) => Entries.GetValueOrDefault(key);

    public long? Integer(string key) => (Get(key) as PdfWord)?.Integer;

    public string? Name(string key) => (Get(key) as PdfName)?.Value;
}

/// <summary>The structure of a PDF file cannot be understood. Never leaves the verifier.</summary>
internal sealed class PdfFormatException(string message) : Exception(message);
