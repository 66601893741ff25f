using System.Text;

namespace Axis.Hub.Registry.Import;

/// <summary>A CSV file with a header line, read as UTF-8. Columns are found by name, in any order.</summary>
public sealed class CsvTable
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private CsvTable(string name, IReadOnlyList<CsvRow> rows) => (Name, Rows) = (name, rows);

    /// <summary>File name without folder, as shown in problems.</summary>
    public string Name { get; }

    public IReadOnlyList<CsvRow> Rows { get; }

    /// <summary>Reads a file; what is wrong with it goes to <paramref name="problems"/>.</summary>
    public static CsvTable Read(
        string folder,
        string name,
        IReadOnlyList<string> columns,
        ICollection<ImportProblem> problems,
        params IReadOnlyList<string> optional
    )
    {
        var rows = new List<CsvRow>();
        try
        {
            using var text = new StreamReader(Path.Combine(folder, name), StrictUtf8);
            using var records = CsvReader.Read(text).GetEnumerator();
            if (Header(records, name, columns, optional, problems) is { } header)
            {
                ReadRows(records, name, header, rows, problems);
            }
        }
        catch (CsvException broken)
        {
            problems.Add(new(name, broken.Line, broken.Column, broken.Message, broken.MessageVi));
        }
        catch (DecoderFallbackException)
        {
            problems.Add(new(name, 0, 0, "the file is not UTF-8", "tệp không phải UTF-8"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problems.Add(
                new(name, 0, 0, "the file cannot be read: " + failure.Message, "không đọc được tệp")
            );
        }
        return new CsvTable(name, rows);
    }

    private static Dictionary<string, int>? Header(
        IEnumerator<IReadOnlyList<CsvField>> records,
        string name,
        IReadOnlyList<string> columns,
        IReadOnlyList<string> optional,
        ICollection<ImportProblem> problems
    )
    {
        var expected = string.Join(',', columns.Concat(optional));
        if (!records.MoveNext())
        {
            problems.Add(
                new(
                    name,
                    1,
                    1,
                    $"the file is empty; the header {expected} was expected",
                    $"tệp rỗng; cần dòng tiêu đề {expected}"
                )
            );
            return null;
        }
        var header = records.Current;
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < header.Count; i++)
        {
            if (
                !(columns.Contains(header[i].Text) || optional.Contains(header[i].Text))
                || !found.TryAdd(header[i].Text, i)
            )
            {
                problems.Add(
                    new(
                        name,
                        header[i].Line,
                        header[i].Column,
                        $"column \"{header[i].Text}\" is not expected here; the header is {expected}",
                        $"không có cột \"{header[i].Text}\"; dòng tiêu đề là {expected}"
                    )
                );
            }
        }
        foreach (var missing in columns.Where(column => !found.ContainsKey(column)))
        {
            problems.Add(
                new(
                    name,
                    1,
                    1,
                    $"column \"{missing}\" is missing; the header is {expected}",
                    $"thiếu cột \"{missing}\"; dòng tiêu đề là {expected}"
                )
            );
        }
        return columns.All(found.ContainsKey) && header.Count == found.Count ? found : null;
    }

    private static void ReadRows(
        IEnumerator<IReadOnlyList<CsvField>> records,
        string name,
        Dictionary<string, int> header,
        List<CsvRow> rows,
        ICollection<ImportProblem> problems
    )
    {
        while (records.MoveNext())
        {
            var fields = records.Current;
            if (fields.Count == header.Count)
            {
                rows.Add(new CsvRow(header, fields));
                continue;
            }
            var last = fields[^1];
            problems.Add(
                new(
                    name,
                    last.Line,
                    last.Column,
                    $"the row has {fields.Count} fields; {header.Count} were expected",
                    $"dòng có {fields.Count} ô; cần {header.Count} ô"
                )
            );
        }
    }
}

/// <summary>One record; fields by column name.</summary>
public sealed class CsvRow(IReadOnlyDictionary<string, int> header, IReadOnlyList<CsvField> fields)
{
    public CsvField this[string column] => fields[header[column]];

    /// <summary>Null where the file has no such column.</summary>
    public CsvField? Find(string column) =>
        header.TryGetValue(column, out var at) ? fields[at] : null;
}
