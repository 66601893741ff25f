namespace Axis.Hub.National;

/// <summary>How many of the documents that were listed before a report have still to come in.</summary>
/// <param name="Left">0: the letter that it is about would be here by now.</param>
/// <param name="IsFewer">Some came in since the last look.</param>
internal readonly record struct DocumentsAhead(int Left, bool IsFewer);

/// <summary>
/// For reports that met no letter: which documents stood on the list when each was first seen. The two lists are polled
/// apart, so after an outage a report may be judged before the letter that it is about. In memory alone: after a start,
/// or on another node, it waits for what is listed then.
/// </summary>
internal sealed class LettersAhead
{
    private readonly Dictionary<string, (int Look, int Left)> _reports = new(
        StringComparer.Ordinal
    );
    private Dictionary<string, int> _documents = new(StringComparer.Ordinal);
    private int _look;

    /// <summary>What stands on the document list now, and is not in.</summary>
    public void Listed(IEnumerable<string> documents)
    {
        _look++;
        var listed = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var document in documents)
        {
            listed[document] = _documents.GetValueOrDefault(document, _look);
        }
        _documents = listed;
    }

    /// <summary>After <see cref="Listed"/>.</summary>
    public DocumentsAhead Of(string report)
    {
        var (look, before) = _reports.GetValueOrDefault(report, (_look, int.MaxValue));
        var left = _documents.Values.Count(seen => seen <= look);
        _reports[report] = (look, left);
        return new DocumentsAhead(left, left < before);
    }

    /// <summary>What is listed no more waits no more.</summary>
    public void KeepOnly(IEnumerable<FarItem> listed)
    {
        if (_reports.Count == 0)
        {
            _documents.Clear();
            return;
        }
        var ids = listed.Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in _reports.Keys.Where(id => !ids.Contains(id)).ToArray())
        {
            _reports.Remove(id);
        }
    }
}
