using System.Globalization;
using Axis.Hub.Errors;

namespace Axis.Hub.Operations;

/// <summary>Reads the query parameters of the ops API; what cannot be read becomes error 6005.</summary>
internal sealed class OpsParameters(IQueryCollection query)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    private readonly List<ErrorItem> _errors = [];

    public IReadOnlyList<ErrorItem> Errors => _errors;

    public int Limit(int otherwise = DefaultLimit, int most = MaxLimit) =>
        Text("limit") is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
        && limit >= 1
        && limit <= most
            ? limit
        : Refuse<int>("limit", text, Words.Range(1, most));

    /// <summary>The instant at which a day begins in Vietnam.</summary>
    public DateTimeOffset? Day(string name) =>
        Text(name) is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", out var day) && day.Year is >= 1970 and <= 9000
            ? new DateTimeOffset(
                day.ToDateTime(TimeOnly.MinValue),
                TimeSpan.FromHours(7)
            ).ToUniversalTime()
        : Refuse<DateTimeOffset?>(
            name,
            text,
            new Words("a day such as 2026-10-31", "một ngày như 2026-10-31")
        );

    public Guid? Id(string name) =>
        Text(name) is not { } text ? null
        : Guid.TryParse(text, out var id) ? id
        : Refuse<Guid?>(name, text, new Words("an id", "một mã UUID"));

    public long? Number(string name) =>
        Text(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
        : Refuse<long?>(name, text, new Words("a number", "một số"));

    public string? OneOf(string name, IReadOnlyCollection<string> allowed) =>
        Text(name) is not { } text || allowed.Contains(text)
            ? Text(name)
            : Refuse<string?>(name, text, string.Join(", ", allowed));

    public string? Text(string name) =>
        query[name] is [{ Length: > 0 } text, ..] && !string.IsNullOrWhiteSpace(text)
            ? text.Trim()
            : null;

    public T? Refuse<T>(string name, string? value, object expected)
    {
        _errors.Add(RequestErrors.BadParameter.At(name, value, name, expected));
        return default;
    }
}
