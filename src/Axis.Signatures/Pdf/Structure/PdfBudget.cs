namespace Axis.Signatures;

/// <summary>
/// What reading the structure of one file may cost, whatever it says: a table can point again and again into the same
/// bytes, and a few kilobytes can unpack to gigabytes.
/// </summary>
internal sealed class PdfBudget
{
    private const long MaxParsedBytes = 128L * 1024 * 1024;
    private const long MaxUnpackedBytes = 256L * 1024 * 1024;

    /// <summary>What tables and streams of objects list, also what they say again. No file in practice comes near it.</summary>
    private const int MaxListed = 1_000_000;

    private int _listed;
    private long _parsed;
    private long _unpacked;

    /// <exception cref="PdfFormatException">It is used up.</exception>
    public void Parsed(long bytes)
    {
        _parsed += bytes;
        if (_parsed > MaxParsedBytes)
            throw new PdfFormatException("Reading the structure costs too much.");
    }

    /// <exception cref="PdfFormatException">It is used up.</exception>
    public void Listed()
    {
        if (++_listed > MaxListed)
            throw new PdfFormatException("The places of objects that are listed are too many.");
    }

    /// <exception cref="PdfFormatException">It is used up.</exception>
    public void Unpacked(long bytes)
    {
        _unpacked += bytes;
        if (_unpacked > MaxUnpackedBytes)
            throw new PdfFormatException("The compressed structure unpacks to too much.");
    }
}
