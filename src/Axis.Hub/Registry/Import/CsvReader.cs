using System.Text;

namespace Axis.Hub.Registry.Import;

/// <summary>One field and where it begins (lines and columns count from 1, columns in characters).</summary>
public readonly record struct CsvField(string Text, int Line, int Column);

/// <summary>The text is not CSV.</summary>
public sealed class CsvException(int line, int column, string message, string messageVi)
    : Exception(message)
{
    public int Line => line;
    public int Column => column;
    public string MessageVi => messageVi;
}

/// <summary>
/// Reads RFC 4180: comma, double quotes doubled inside quotes, line breaks allowed inside quotes, records ended by
/// CRLF or LF. Blank lines are skipped. A quote anywhere else is an error, never a guess.
/// </summary>
public sealed class CsvReader
{
    private const int End = -1;

    private readonly TextReader _text;
    private readonly StringBuilder _field = new();
    private int _line = 1;
    private int _column = 1;

    private CsvReader(TextReader text) => _text = text;

    public static IEnumerable<IReadOnlyList<CsvField>> Read(TextReader text) =>
        new CsvReader(text).Records();

    private IEnumerable<IReadOnlyList<CsvField>> Records()
    {
        while (_text.Peek() != End)
        {
            if (SkipLineEnd())
            {
                continue;
            }
            yield return Record();
        }
    }

    private List<CsvField> Record()
    {
        var fields = new List<CsvField>();
        while (true)
        {
            fields.Add(_text.Peek() == '"' ? Quoted() : Plain());
            if (_text.Peek() == ',')
            {
                Take();
            }
            else if (_text.Peek() == End || SkipLineEnd())
            {
                return fields;
            }
            else
            {
                throw Broken(
                    "a comma or the end of the line was expected after the closing quote",
                    "cần dấu phẩy hoặc hết dòng sau dấu nháy đóng"
                );
            }
        }
    }

    private CsvField Plain()
    {
        var (line, column) = (_line, _column);
        _field.Clear();
        while (_text.Peek() is not (End or ',' or '\n' or '\r'))
        {
            if (_text.Peek() == '"')
            {
                throw Broken(
                    "a quote inside a field needs the whole field in quotes, and doubled",
                    "dấu nháy trong ô: phải đặt cả ô trong dấu nháy và viết đôi"
                );
            }
            _field.Append(Take());
        }
        return new(_field.ToString(), line, column);
    }

    private CsvField Quoted()
    {
        var (line, column) = (_line, _column);
        Take();
        _field.Clear();
        while (true)
        {
            if (_text.Peek() == End)
            {
                throw new CsvException(
                    line,
                    column,
                    "the quote that opens here is never closed",
                    "dấu nháy mở tại đây không có dấu đóng"
                );
            }
            var taken = Take();
            if (taken != '"')
            {
                _field.Append(taken);
            }
            else if (_text.Peek() == '"')
            {
                _field.Append(Take());
            }
            else
            {
                return new(_field.ToString(), line, column);
            }
        }
    }

    private bool SkipLineEnd()
    {
        switch (_text.Peek())
        {
            case '\n':
                Take();
                return true;
            case '\r':
                Take();
                if (_text.Peek() != '\n')
                {
                    throw Broken(
                        "a carriage return stands alone",
                        "ký tự xuống dòng CR không kèm LF"
                    );
                }
                Take();
                return true;
            default:
                return false;
        }
    }

    private char Take()
    {
        var taken = (char)_text.Read();
        if (taken == '\n')
        {
            _line++;
            _column = 1;
        }
        else
        {
            _column++;
        }
        return taken;
    }

    private CsvException Broken(string message, string messageVi) =>
        new(_line, _column, message, messageVi);
}
