using System.Buffers;
using System.Text;
using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Registry.Import;

namespace Axis.Hub.Registry.Editing;

/// <summary>One record of a file; a column that the file does not have gives null, an empty field an empty text.</summary>
public sealed class SheetRow(IReadOnlyDictionary<string, CsvField> fields, int line)
{
    public int Line => line;

    public bool Has(string column) => fields.ContainsKey(column);

    public CsvField? this[string column] =>
        fields.TryGetValue(column, out var field) ? field : null;

    /// <summary>The trimmed text; null for an absent column and for an empty field.</summary>
    public string? Text(string column) =>
        fields.TryGetValue(column, out var field) && !string.IsNullOrWhiteSpace(field.Text)
            ? field.Text.Trim()
            : null;

    public CsvPlace Place(string column) =>
        fields.TryGetValue(column, out var field)
            ? new(field.Text, field.Line, field.Column)
            : new(null, line, 1);
}

/// <summary>
/// Reads records from CSV with a header line, or from JSON: an array of objects, or an object with one in <c>data</c> as
/// the national axis answers. Both give the same rows, each field with its place.
/// </summary>
public static class SheetReader
{
    public const int MaxRows = 500_000;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static IReadOnlyList<SheetRow> Read(
        byte[] bytes,
        bool isJson,
        IReadOnlyCollection<string> columns,
        List<ErrorItem> errors
    )
    {
        try
        {
            return isJson ? ReadJson(bytes, columns, errors) : ReadCsv(bytes, columns, errors);
        }
        catch (CsvException broken)
        {
            errors.Add(
                RegistryErrors.At(
                    RegistryErrors.BadFile,
                    null,
                    new(null, broken.Line, broken.Column),
                    broken.Message + ".",
                    broken.MessageVi + "."
                )
            );
        }
        catch (DecoderFallbackException)
        {
            errors.Add(
                RegistryErrors.At(
                    RegistryErrors.BadFile,
                    null,
                    new(null, 0, 0),
                    "The file is not UTF-8.",
                    "Tệp không phải UTF-8."
                )
            );
        }
        catch (JsonException broken)
        {
            errors.Add(
                RegistryErrors.At(
                    RegistryErrors.BadFile,
                    null,
                    new(
                        null,
                        (int)(broken.LineNumber ?? 0) + 1,
                        (int)(broken.BytePositionInLine ?? 0) + 1
                    ),
                    "The file is no JSON array of objects.",
                    "Tệp không phải mảng JSON gồm các đối tượng."
                )
            );
        }
        return [];
    }

    private static List<SheetRow> ReadCsv(
        byte[] bytes,
        IReadOnlyCollection<string> columns,
        List<ErrorItem> errors
    )
    {
        using var text = new StreamReader(new MemoryStream(bytes, writable: false), StrictUtf8);
        using var records = CsvReader.Read(text).GetEnumerator();
        var rows = new List<SheetRow>();
        if (!records.MoveNext())
        {
            return rows;
        }
        var header = records.Current;
        foreach (var field in header.Where(field => !columns.Contains(field.Text)))
        {
            errors.Add(Unexpected(field, columns));
        }
        foreach (var twice in header.GroupBy(field => field.Text).Where(group => group.Count() > 1))
        {
            errors.Add(Unexpected(twice.Last(), columns));
        }
        while (errors.Count == 0 && records.MoveNext())
        {
            var fields = records.Current;
            if (fields.Count != header.Count)
            {
                errors.Add(
                    RegistryErrors.At(
                        RegistryErrors.BadFile,
                        null,
                        new(null, fields[^1].Line, fields[^1].Column),
                        $"The row has {fields.Count} fields; {header.Count} were expected.",
                        $"Dòng có {fields.Count} ô; cần {header.Count} ô."
                    )
                );
                break;
            }
            var row = new Dictionary<string, CsvField>(header.Count, StringComparer.Ordinal);
            for (var i = 0; i < header.Count; i++)
            {
                row.Add(header[i].Text, fields[i]);
            }
            rows.Add(new SheetRow(row, fields[0].Line));
        }
        return rows;
    }

    private static ErrorItem Unexpected(CsvField field, IReadOnlyCollection<string> columns) =>
        RegistryErrors.At(
            RegistryErrors.BadFile,
            field.Text,
            new(field.Text, field.Line, field.Column),
            $"Column \"{field.Text}\" is not expected here, or stands twice; there are {string.Join(", ", columns)}.",
            $"Không có cột \"{field.Text}\", hoặc cột bị lặp; các cột là {string.Join(", ", columns)}."
        );

    private static List<SheetRow> ReadJson(
        byte[] bytes,
        IReadOnlyCollection<string> columns,
        List<ErrorItem> errors
    )
    {
        var start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        var reader = new Utf8JsonReader(
            bytes.AsSpan(start),
            new JsonReaderOptions { MaxDepth = 8 }
        );
        var place = new Places(bytes, start);
        var rows = new List<SheetRow>();
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject && !FindData(ref reader))
        {
            throw new JsonException();
        }
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException();
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject && errors.Count == 0)
        {
            var (line, _) = place.Of(reader.TokenStartIndex);
            var row = new Dictionary<string, CsvField>(8, StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                var (nameLine, nameColumn) = place.Of(reader.TokenStartIndex);
                if (!columns.Contains(name))
                {
                    errors.Add(Unexpected(new(name, nameLine, nameColumn), columns));
                }
                reader.Read();
                var (valueLine, valueColumn) = place.Of(reader.TokenStartIndex);
                row[name] = new(TextOf(ref reader), valueLine, valueColumn);
            }
            rows.Add(new SheetRow(row, line));
        }
        if (errors.Count == 0 && reader.TokenType != JsonTokenType.EndArray)
        {
            throw new JsonException();
        }
        return rows;
    }

    private static bool FindData(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.ValueTextEquals("data"u8) || reader.ValueTextEquals("agencies"u8);
            reader.Read();
            if (isData)
            {
                return true;
            }
            reader.Skip();
        }
        return false;
    }

    private static string TextOf(ref Utf8JsonReader reader) =>
        reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Null => "",
            JsonTokenType.True or JsonTokenType.False or JsonTokenType.Number =>
                Encoding.UTF8.GetString(
                    reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan
                ),
            _ => throw new JsonException(),
        };

    /// <summary>Lines and columns of positions that only grow; columns count bytes, which for a position is enough.</summary>
    private sealed class Places
    {
        private readonly byte[] _bytes;
        private readonly int _start;
        private int _line = 1;
        private int _lineStart;
        private int _at;

        public Places(byte[] bytes, int start)
        {
            (_bytes, _start) = (bytes, start);
            _lineStart = _at = start;
        }

        public (int Line, int Column) Of(long index)
        {
            var end = _start + (int)index;
            while (_at < end)
            {
                if (_bytes[_at++] == (byte)'\n')
                {
                    _line++;
                    _lineStart = _at;
                }
            }
            return (_line, end - _lineStart + 1);
        }
    }
}
