namespace Axis.Signatures;

/// <summary>What may become of an object when a further signature is added to a PDF. Everything else is a change of content.</summary>
/// <param name="signed">The revision that was signed.</param>
/// <param name="final">The file as it is.</param>
/// <param name="isNew">Is this object not in the signed revision?</param>
/// <param name="signatures">Where the values of the later signatures stand that hold and are trusted.</param>
internal sealed class PdfSignatureFields(
    PdfRevision signed,
    PdfRevision final,
    Func<int, bool> isNew,
    IReadOnlySet<long> signatures
)
{
    /// <summary>The document security store and its parts hold nothing that is shown (ISO 32000-2 section 12.8.4.3).</summary>
    private static readonly HashSet<string> StoreKeys =
    [
        "Type",
        "VRI",
        "Certs",
        "CRLs",
        "OCSPs",
        "Cert",
        "CRL",
        "OCSP",
        "TU",
        "TS",
    ];

    /// <summary>The document information dictionary, which programs renew when they save (section 14.3.3).</summary>
    private static readonly HashSet<string> InformationKeys =
    [
        "Title",
        "Author",
        "Subject",
        "Keywords",
        "Creator",
        "Producer",
        "CreationDate",
        "ModDate",
        "Trapped",
    ];

    public bool MayBecome(PdfValue old, PdfValue now)
    {
        if (old is PdfArray oldArray && now is PdfArray newArray)
            return Grew(oldArray, newArray);
        if (
            old is not PdfDictionary { DataStart: null } from
            || now is not PdfDictionary { DataStart: null } to
        )
            // A stream is content, whatever it calls itself.
            return false;
        if (PdfValue.Same(old, now) || IsStore(from, to) || IsInformation(from, to))
            return true;
        if (from.Name("FT") == "Sig" && from.Get("V") is null)
            return Differ(from, to, "V", "AP", "AS", "M", "F", "DA") && IsSigned(to);
        return from.Name("Type") switch
        {
            "Catalog" => Differ(from, to, "AcroForm", "DSS", "Extensions")
                && FormMayBecome(from.Get("AcroForm"), to.Get("AcroForm")),
            "Page" => Differ(from, to, "Annots")
                && ListMayBecome(from.Get("Annots"), to.Get("Annots")),
            _ => from.Get("Fields") is not null && FormMayBecome(from, to),
        };
    }

    private bool FormMayBecome(PdfValue? old, PdfValue? now)
    {
        if (PdfValue.Same(old, now))
            return true;
        if (final.Resolve(now) is not PdfDictionary { DataStart: null } to)
            return false;
        var from =
            signed.Resolve(old) as PdfDictionary
            ?? new PdfDictionary(new Dictionary<string, PdfValue>());
        return Differ(from, to, "Fields", "SigFlags", "DR", "DA")
            // Default resources are of use to the new fields only where there were none.
            && Added(from, to, "DR")
            && Added(from, to, "DA")
            && ListMayBecome(from.Get("Fields"), to.Get("Fields"));
    }

    private bool ListMayBecome(PdfValue? old, PdfValue? now) =>
        PdfValue.Same(old, now)
        || final.Resolve(now) is PdfArray to
            && Grew(signed.Resolve(old) as PdfArray ?? new PdfArray([]), to);

    /// <summary>The same items, and behind them fields of trusted signatures.</summary>
    private bool Grew(PdfArray from, PdfArray to) =>
        to.Items.Count >= from.Items.Count
        && from.Items.Zip(to.Items).All(pair => PdfValue.Same(pair.First, pair.Second))
        && to.Items.Skip(from.Items.Count).All(IsNewField);

    private bool IsNewField(PdfValue item)
    {
        if (item is not PdfReference reference || !isNew(reference.Number))
            return false;
        if (final.Read(reference.Number) is not PdfDictionary field)
            return false;
        // The place of a signature on the page may be an object of its own, below the field.
        return field.Get("FT") is null && field.Get("Parent") is PdfReference parent
            ? isNew(parent.Number)
                && final.Read(parent.Number) is PdfDictionary above
                && IsSigned(above)
            : IsSigned(field);
    }

    /// <summary>A field whose value is one of the trusted signatures: who signed vouches for how it looks.</summary>
    private bool IsSigned(PdfDictionary field) =>
        field.Name("FT") == "Sig"
        && final.Resolve(field.Get("V")) is PdfDictionary signature
        && signature.Get("Contents") is PdfText value
        && signatures.Contains(value.Start);

    private static bool Differ(PdfDictionary from, PdfDictionary to, params string[] where) =>
        from
            .Entries.Keys.Union(to.Entries.Keys)
            .All(key =>
                where.Contains(key, StringComparer.Ordinal)
                || PdfValue.Same(from.Get(key), to.Get(key))
            );

    private static bool Added(PdfDictionary from, PdfDictionary to, string key) =>
        from.Get(key) is null || PdfValue.Same(from.Get(key), to.Get(key));

    private static bool IsStore(PdfDictionary from, PdfDictionary to) =>
        from.Entries.Keys.Concat(to.Entries.Keys).All(StoreKeys.Contains);

    private static bool IsInformation(PdfDictionary from, PdfDictionary to) =>
        from
            .Entries.Concat(to.Entries)
            .All(entry => InformationKeys.Contains(entry.Key) && entry.Value is PdfText or PdfName);
}
