using System.Diagnostics.CodeAnalysis;

namespace Axis.Vxp;

/// <summary>
/// The parameters of one call in their order, names without prefix, in exact case. A client of the field keeps one set
/// for its whole life and only adds to it, so a call reads the parameters that belong to it and ignores the others.
/// </summary>
public sealed class VxpParameters
{
    private readonly List<KeyValuePair<string, string>> _entries = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public IReadOnlyList<KeyValuePair<string, string>> Entries => _entries;

    public int Count => _entries.Count;

    /// <summary>The value by exact name; null when the parameter is absent.</summary>
    public string? this[string name] =>
        _places.TryGetValue(name, out var at) ? _entries[at].Value : null;

    /// <summary>Adds a parameter at the end, or gives the one of that name another value in its place.</summary>
    public VxpParameters Set(string name, string value)
    {
        if (!TryAdd(name, value))
        {
            _entries[_places[name]] = KeyValuePair.Create(name, value);
        }
        return this;
    }

    public bool TryAdd(string name, string value)
    {
        if (!_places.TryAdd(name, _entries.Count))
        {
            return false;
        }
        _entries.Add(KeyValuePair.Create(name, value));
        return true;
    }

    /// <summary>A value that is there and not empty.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        value = this[name];
        return !string.IsNullOrEmpty(value);
    }
}
