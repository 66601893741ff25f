using Axis.EdXml;

namespace Axis.NationalSim.Provinces;

/// <summary>Writes packages into memory, where writing never waits.</summary>
internal static class Packages
{
    public static byte[] Write(StatusDraft draft) =>
        Written(output => PackageWriter.WriteAsync(draft, output, CancellationToken.None));

    public static byte[] Write(DocumentDraft draft) =>
        Written(output => PackageWriter.WriteAsync(draft, output, CancellationToken.None));

    private static byte[] Written(Func<Stream, Task> write)
    {
        using var output = new MemoryStream();
        write(output).GetAwaiter().GetResult();
        return output.ToArray();
    }
}
