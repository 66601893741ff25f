namespace Axis.Signatures;

/// <summary>Why what follows a signature is more than further signatures.</summary>
internal sealed record PdfChange(string Reason, string ReasonVi)
{
    public static PdfChange Object(int number, string what, string whatVi) =>
        new(
            $"Object {number} of the PDF was {what} after the signature.",
            $"Đối tượng {number} của tệp PDF đã bị {whatVi} sau chữ ký."
        );

    public static PdfChange NotUnderstood(string why) =>
        new(
            $"What was added to the PDF after the signature cannot be understood. {why}",
            "Không hiểu được phần được thêm vào tệp PDF sau chữ ký."
        );
}

/// <summary>
/// Decides whether what was added to a file after a signature is only more signatures, time stamps and data to
/// validate them. Compares the objects of the two revisions; whatever is not allowed here is a change.
/// </summary>
internal sealed class PdfLaterChanges
{
    /// <summary>Objects that a signature can bring along.</summary>
    private const int MaxChanged = 10_000;

    private readonly PdfCrossReference _signedReferences;
    private readonly PdfCrossReference _later;
    private readonly PdfRevision _signed;
    private readonly PdfRevision _final;
    private readonly long _end;
    private readonly PdfSignatureFields _fields;

    private PdfLaterChanges(
        Stream file,
        PdfStreams streams,
        PdfCrossReference signed,
        PdfCrossReference later,
        long end,
        IReadOnlySet<long> signatures
    )
    {
        _signedReferences = signed;
        _later = later;
        _end = end;
        _signed = new PdfRevision(file, streams, FindSigned);
        _final = new PdfRevision(file, streams, number => FindLater(number) ?? FindSigned(number));
        _fields = new PdfSignatureFields(_signed, _final, IsNew, signatures);
    }

    /// <summary>The first thing that is more than a further signature; null when there is none.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="end">Where the signed revision ends.</param>
    /// <param name="signatures">Where the values of those later signatures stand that hold and are trusted.</param>
    /// <param name="budget">Of the whole file.</param>
    public static PdfChange? Find(
        Stream file,
        long end,
        IReadOnlySet<long> signatures,
        PdfBudget budget
    )
    {
        try
        {
            var start = PdfCrossReference.FindStart(file, end);
            var newest = PdfCrossReference.FindStart(file, file.Length);
            if (newest == start)
                return FindBytes(file, end);
            var streams = new PdfStreams(file, budget);
            var later = PdfCrossReference.Read(file, streams, newest, boundary: end);
            if (later.Continues != start)
                throw new PdfFormatException("The new cross-references pass the signed ones by.");
            var signed = PdfCrossReference.Read(file, streams, start);
            return new PdfLaterChanges(file, streams, signed, later, end, signatures).Compare();
        }
        catch (PdfFormatException e)
        {
            return PdfChange.NotUnderstood(e.Message);
        }
    }

    /// <summary>No program finds a revision in what was added: it must be blank, then.</summary>
    private static PdfChange? FindBytes(Stream file, long end)
    {
        var cursor = new PdfCursor(file, end);
        while (PdfCursor.IsSpace(cursor.Peek()))
            cursor.Position++;
        return cursor.Peek() < 0
            ? null
            : PdfChange.NotUnderstood("Bytes were appended that belong to no revision.");
    }

    private PdfChange? Compare()
    {
        foreach (var key in (string[])["Root", "Encrypt"])
        {
            if (!PdfValue.Same(_signedReferences.Trailer.Get(key), _later.Trailer.Get(key)))
                throw new PdfFormatException($"The trailer has another {key}.");
        }
        if (_later.Places.Count > MaxChanged)
            throw new PdfFormatException($"More than {MaxChanged} objects were added.");
        if (FindForwardReference() is { } forward)
            return forward;
        foreach (var (number, place) in _later.Places)
        {
            // Object 0 only heads the list of free ones.
            if (number == 0 || IsNew(number) || FindSigned(number) == place)
                continue;
            if (place.IsFree)
                return PdfChange.Object(number, "removed", "xóa");
            if (!_fields.MayBecome(_signed.Read(number)!, _final.Read(number)!))
                return PdfChange.Object(number, "changed", "thay đổi");
        }
        return null;
    }

    /// <summary>
    /// What was signed must be complete: it may not refer to objects, streams or bytes that only came later, or its
    /// meaning could be filled in afterwards.
    /// </summary>
    private PdfChange? FindForwardReference()
    {
        foreach (var (number, place) in _signedReferences.Places)
        {
            if (place.Offset >= _end)
                return PdfChange.Object(number, "left open and filled in", "để trống rồi điền");
            if (place.Container > 0 && FindSigned(place.Container) is not { Offset: >= 0 })
                return PdfChange.Object(number, "left open and filled in", "để trống rồi điền");
        }
        var ordered = _signedReferences
            .Places.Where(one => one is { Key: > 0, Value.IsFree: false })
            .OrderBy(one => (one.Value.Container, one.Value.Offset));
        foreach (var (number, _) in ordered)
        {
            if (FirstNew(_signed.Read(number)!) is { } missing)
                return PdfChange.Object(missing, "missing and was added", "thiếu rồi được thêm");
        }
        return null;
    }

    private int? FirstNew(PdfValue value) =>
        value switch
        {
            PdfReference reference
                when FindLater(reference.Number) is { IsFree: false } && IsNew(reference.Number) =>
                reference.Number,
            PdfArray array => array
                .Items.Select(FirstNew)
                .FirstOrDefault(found => found is not null),
            PdfDictionary dictionary => dictionary
                .Entries.Values.Select(FirstNew)
                .FirstOrDefault(found => found is not null),
            _ => null,
        };

    private bool IsNew(int number) => FindSigned(number) is not { IsFree: false };

    private PdfPlace? FindSigned(int number) =>
        _signedReferences.Places.TryGetValue(number, out var place) ? place : null;

    private PdfPlace? FindLater(int number) =>
        _later.Places.TryGetValue(number, out var place) ? place : null;
}
