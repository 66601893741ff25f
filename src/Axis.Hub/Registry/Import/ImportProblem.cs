using System.Globalization;

namespace Axis.Hub.Registry.Import;

/// <summary>What is wrong with one of the files, where, and what was expected. Line 0: the file as a whole.</summary>
public sealed record ImportProblem(
    string File,
    int Line,
    int Column,
    string Message,
    string MessageVi
)
{
    public override string ToString() =>
        Line == 0
            ? $"{File}: {Message} ({MessageVi})"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{File}:{Line}:{Column}: {Message} ({MessageVi})"
            );
}

/// <summary>The files cannot be imported; all problems found are named and nothing was changed.</summary>
public sealed class ImportException(IReadOnlyList<ImportProblem> problems)
    : Exception($"{problems.Count} problems; the first: {problems[0]}")
{
    public IReadOnlyList<ImportProblem> Problems => problems;
}
