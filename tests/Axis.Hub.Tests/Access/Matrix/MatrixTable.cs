namespace Axis.Hub.Tests.Access.Matrix;

/// <summary>
/// A table in a text file: a header of column names, then rows of a key and one cell for each column, all apart by two
/// blanks or more. Lines with # are for the reader.
/// </summary>
internal sealed class MatrixTable
{
    private readonly Dictionary<string, string[]> _rows = new(StringComparer.Ordinal);

    private MatrixTable(string[] columns) => Columns = columns;

    public IReadOnlyList<string> Columns { get; }

    public IReadOnlyCollection<string> Keys => _rows.Keys;

    public static MatrixTable Load(string name)
    {
        var lines = File.ReadLines(
                Path.Combine(Documents.Root(), "tests/Axis.Hub.Tests/Access/Matrix", name)
            )
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries))
            .Select(cells => cells.Select(cell => cell.Trim()).ToArray());
        MatrixTable? table = null;
        foreach (var cells in lines)
        {
            if (table is null)
            {
                table = new MatrixTable(cells[1..]);
                continue;
            }
            Assert.That(cells, Has.Length.EqualTo(table.Columns.Count + 1), cells[0]);
            table._rows.Add(cells[0], cells[1..]);
        }
        return table!;
    }

    public string Cell(string key, string column) => _rows[key][Columns.ToList().IndexOf(column)];

    /// <summary>A row as it should stand in the file.</summary>
    public static string Row(string key, IEnumerable<string> cells) =>
        $"{key, -44}  {string.Join("  ", cells.Select(cell => $"{cell, -9}"))}".TrimEnd();
}
