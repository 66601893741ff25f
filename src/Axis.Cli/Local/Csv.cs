using System.Text;

namespace Axis.Cli.Local;

/// <summary>Comma-separated values with a header row (RFC 4180).</summary>
internal static class Csv
{
    /// <summary>Each record as column name to value.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string>> Read(string file)
    {
        using var records = Records(File.ReadAllText(file)).GetEnumerator();
        if (!records.MoveNext())
        {
            yield break;
        }

        var columns = records.Current;
        while (records.MoveNext())
        {
            yield return columns
                .Zip(records.Current)
                .ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        }
    }

    private static IEnumerable<IReadOnlyList<string>> Records(string text)
    {
        var record = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when quoted && i + 1 < text.Length && text[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    record.Add(field.ToString());
                    field.Clear();
                    break;
                case '\n' when !quoted:
                    record.Add(field.ToString());
                    field.Clear();
                    yield return record;
                    record = [];
                    break;
                case '\r' when !quoted:
                    break;
                default:
                    field.Append(text[i]);
                    break;
            }
        }

        if (field.Length > 0 || record.Count > 0)
        {
            record.Add(field.ToString());
            yield return record;
        }
    }
}
