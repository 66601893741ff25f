using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary><c>Axis.Hub archive export|verify|import|release</c>, for the IT centre.</summary>
public static class ArchiveVerb
{
    public const string Name = "archive";

    public const string Usage = """
        usage: Axis.Hub archive export YYYY-MM DIR   write the month as DIR/YYYY-MM; drops nothing
               Axis.Hub archive verify DIR           hold an archive against its sums and its manifest
               Axis.Hub archive import DIR           put an archived month back; what is there stays as it is
               Axis.Hub archive release YYYY-MM      let an imported month leave again, if retention says so
        """;

    /// <summary>
    /// All but <c>verify</c>, which needs no hub. Exit code: 0 done, 1 the archive cannot be made or read, 2 wrong usage.
    /// </summary>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        IServiceProvider services,
        TextWriter output,
        TextWriter error,
        CancellationToken cancellationToken
    )
    {
        try
        {
            switch (arguments)
            {
                case ["export", var text, var into] when ArchiveMonth.TryParse(text, out var month):
                    await using (
                        await SingleRunner.TryTakeAsync(
                            services.GetRequiredService<NpgsqlDataSource>(),
                            SingleRunner.Retention,
                            cancellationToken
                        ) ?? throw ArchiveException.Busy()
                    )
                    {
                        await output.WriteLineAsync(
                            await services
                                .GetRequiredService<ArchiveExport>()
                                .ExportAsync(month, into, cancellationToken)
                        );
                    }
                    return 0;
                case ["import", var folderToImport]:
                    var added = await services
                        .GetRequiredService<ArchiveImport>()
                        .ImportAsync(folderToImport, cancellationToken);
                    await output.WriteLineAsync(
                        string.Join(", ", added.Select(table => $"{table.Key} {table.Value}"))
                    );
                    await output.WriteLineAsync(
                        "The month stays in the database until archive release."
                    );
                    return 0;
                case ["release", var text] when ArchiveMonth.TryParse(text, out var month):
                    await services
                        .GetRequiredService<ArchivedMonths>()
                        .ReleaseAsync(month, cancellationToken);
                    await output.WriteLineAsync(
                        $"{month} leaves at the next look, if Retention:Months says so"
                    );
                    return 0;
                default:
                    await error.WriteLineAsync(Usage);
                    return 2;
            }
        }
        catch (Exception e)
            when (e
                    is ArchiveException
                        or PayloadUnusableException
                        or IOException
                        or UnauthorizedAccessException
                        or NpgsqlException
            )
        {
            await error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    /// <summary>Exit code: 0 the archive is whole, 1 it is not, or cannot be read.</summary>
    public static async Task<int> VerifyAsync(
        string folder,
        TextWriter output,
        TextWriter error,
        CancellationToken cancellationToken
    )
    {
        var (manifest, problems) = await ArchiveCheck.CheckAsync(folder, cancellationToken);
        foreach (var problem in problems)
        {
            await error.WriteLineAsync(problem);
        }
        if (problems.Count > 0)
        {
            return 1;
        }
        await output.WriteLineAsync(
            $"whole: {manifest!.Month}, {string.Join(", ", manifest.Tables.Select(table => $"{table.Name} {table.Rows}"))}, {manifest.Payloads} contents"
        );
        return 0;
    }
}
