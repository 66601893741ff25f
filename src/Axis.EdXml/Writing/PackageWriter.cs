namespace Axis.EdXml;

/// <summary>Writes packages in the form every receiver reads. The same draft gives the same bytes.</summary>
public static class PackageWriter
{
    public static Task WriteAsync(
        DocumentDraft draft,
        Stream output,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public static Task WriteAsync(
        StatusDraft draft,
        Stream output,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();
}
