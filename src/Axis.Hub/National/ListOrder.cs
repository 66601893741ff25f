namespace Axis.Hub.National;

/// <summary>The order of one list, and which of its items are not in yet.</summary>
internal sealed class ListOrder
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<int>> _open = new(
        StringComparer.OrdinalIgnoreCase
    );
    private readonly Dictionary<string, string> _senders = new(StringComparer.Ordinal);

    /// <param name="known">Those that are in already.</param>
    public ListOrder(IReadOnlyList<FarItem> listed, IEnumerable<string> known)
    {
        foreach (var item in listed)
        {
            // A list may show an item twice.
            if (_places.TryAdd(item.Id, _places.Count))
            {
                _senders[item.Id] = item.From;
                if (!_open.TryGetValue(item.From, out var open))
                {
                    _open[item.From] = open = [];
                }
                open.Add(_places[item.Id]);
            }
        }
        CameIn(known);
    }

    public void CameIn(IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            if (_senders.TryGetValue(id, out var sender))
            {
                _open[sender].Remove(_places[id]);
            }
        }
    }

    public IEnumerable<FarItem> Of(IEnumerable<FarItem> items) =>
        items.OrderBy(item => _places[item.Id]);

    /// <summary>Nothing of its sender stands before it that is not in.</summary>
    public bool IsFirstOfSender(FarItem item) =>
        _open[_senders[item.Id]] is { Count: > 0 } open && open.Min == _places[item.Id];
}
