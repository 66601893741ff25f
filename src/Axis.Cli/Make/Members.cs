using System.Globalization;
using System.Text.Json.Nodes;
using Axis.EdXml;

namespace Axis.Cli.Make;

/// <summary>
/// The members of one object of a description. Every problem is collected, so that all of them can be told at once;
/// a member that nobody asked for is one of them, because a misspelt name would be lost in silence.
/// </summary>
internal sealed class Members(JsonObject values, string path, List<MakeProblem> problems)
{
    private const string WholeNumber = "a whole number";
    private const string DateExample = "2026/01/05";
    private const string TimeExample = "2026/01/05 09:30:00";

    private readonly List<string> _known = [];

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public void Add(MakeProblem problem) => problems.Add(problem);

    public string? Text(string name)
    {
        var value = Value(name);
        return value is null ? null : TextOf(value, PathOf(name));
    }

    public string Required(string name)
    {
        var before = problems.Count;
        var text = Text(name);
        if (text is null && problems.Count == before)
        {
            problems.Add(MakeProblem.Missing(PathOf(name)));
        }

        return text ?? "";
    }

    public EdNumber? Number(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return EdNumber.Of(number);
        }

        problems.Add(MakeProblem.BadValue(PathOf(name), text, WholeNumber));
        return null;
    }

    public EdDate? Date(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (EdDate.Parse(text).Date is { } date)
        {
            return EdDate.Of(date);
        }

        problems.Add(MakeProblem.BadValue(PathOf(name), text, DateExample));
        return null;
    }

    public EdTimestamp? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (EdTimestamp.Parse(text).Time is { } time)
        {
            return EdTimestamp.Of(time);
        }

        problems.Add(MakeProblem.BadValue(PathOf(name), text, TimeExample));
        return null;
    }

    /// <summary>One object; null when absent.</summary>
    public T? Object<T>(string name, Func<Members, T> read)
        where T : class
    {
        var value = Value(name);
        return value is null ? null : ObjectOf(value, PathOf(name), null, read);
    }

    /// <summary>A list of objects; one alone may stand without the brackets.</summary>
    /// <param name="shorthand">The member that a mere text stands for; null when it stands for none.</param>
    public IReadOnlyList<T> Objects<T>(string name, Func<Members, T> read, string? shorthand = null)
        where T : class =>
        [
            .. Items(name)
                .Select(item => ObjectOf(item.Value, item.Path, shorthand, read))
                .OfType<T>(),
        ];

    /// <summary>One object, or a text that stands for one of its members.</summary>
    public T? ObjectOrText<T>(string name, string shorthand, Func<Members, T> read)
        where T : class
    {
        var value = Value(name);
        return value is null ? null : ObjectOf(value, PathOf(name), shorthand, read);
    }

    /// <summary>A list of texts; one alone may stand without the brackets.</summary>
    public IReadOnlyList<string> Texts(string name) =>
        [.. Items(name).Select(item => TextOf(item.Value, item.Path)).OfType<string>()];

    /// <summary>To be called when everything that may be there has been asked for.</summary>
    public void Close()
    {
        foreach (var (name, _) in values)
        {
            if (!_known.Contains(name))
            {
                problems.Add(MakeProblem.Unknown(PathOf(name), _known));
            }
        }
    }

    private JsonNode? Value(string name)
    {
        _known.Add(name);
        return values[name];
    }

    private IEnumerable<(JsonNode Value, string Path)> Items(string name)
    {
        var value = Value(name);
        return value switch
        {
            null => [],
            JsonArray array => array
                .Select((item, i) => (item, $"{PathOf(name)}[{i + 1}]"))
                .Where(one => one.item is not null)
                .Select(one => (one.item!, one.Item2)),
            _ => [(value, PathOf(name))],
        };
    }

    private string? TextOf(JsonNode value, string at)
    {
        if (value is JsonValue scalar)
        {
            // Numbers and truth values keep their spelling: 15 is "15", true is "true".
            return scalar.TryGetValue<string>(out var text) ? text : scalar.ToJsonString();
        }

        problems.Add(MakeProblem.WrongShape(at, "một giá trị văn bản", "a text"));
        return null;
    }

    private T? ObjectOf<T>(JsonNode value, string at, string? shorthand, Func<Members, T> read)
        where T : class
    {
        if (value is JsonValue && shorthand is not null)
        {
            value = new JsonObject { [shorthand] = value.DeepClone() };
        }

        if (value is not JsonObject inner)
        {
            problems.Add(MakeProblem.WrongShape(at, "một đối tượng", "an object"));
            return null;
        }

        var members = new Members(inner, at, problems);
        var result = read(members);
        members.Close();
        return result;
    }
}
