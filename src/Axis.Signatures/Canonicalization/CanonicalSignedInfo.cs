namespace Axis.Signatures;

/// <summary>The canonical form of SignedInfo in its place: edXML/edXMLEnvelope/edXMLHeader/Signature/SignedInfo.</summary>
internal static class CanonicalSignedInfo
{
    private const int Depth = 5;

    /// <param name="ancestors">The start tags of edXML, edXMLEnvelope and edXMLHeader, one after the other.</param>
    /// <param name="signature">The Signature element.</param>
    /// <param name="form">Which canonical form.</param>
    public static byte[] Write(
        ReadOnlySpan<byte> ancestors,
        ReadOnlySpan<byte> signature,
        CanonicalForm form
    )
    {
        var output = new BufferOutput();
        var record = new EventRecord();
        record.Append(ancestors);
        record.Append(signature);
        record.Replay(new Canonicalizer(form, output, Depth));
        return output.ToArray();
    }
}
