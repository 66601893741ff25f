using Axis.EdXml;

namespace Axis.NationalSim.Exchange;

/// <summary>One package that the axis has taken: a document or a status.</summary>
/// <param name="Bytes">As recipients get it.</param>
/// <param name="Sha256">Of what was sent, lower-case hex.</param>
/// <param name="HandedOutSha256">Of <paramref name="Bytes"/>, lower-case hex.</param>
/// <param name="SystemId">Who sent it; null when its province is played here.</param>
internal sealed record Letter(
    string SenderDocId,
    string MessageType,
    string From,
    string? SystemId,
    byte[] Bytes,
    string Sha256,
    string HandedOutSha256,
    DocumentHeader? Document,
    StatusHeader? Report,
    DateTimeOffset TakenAt
)
{
    public List<Copy> Copies { get; } = [];

    /// <summary>What is wrong with it for good, however often it is asked for; null: nothing.</summary>
    public ViceKind? Damage { get; init; }

    public string? DocumentId => Document?.DocumentId ?? Report?.ResponseFor.DocumentId;

    public string Title =>
        Document?.Subject ?? $"{Report?.StatusCode} {Report?.Description}".Trim();

    public string Notation =>
        Document is { } document
            ? $"{document.CodeNumber}/{document.CodeNotation}"
            : Report?.ResponseFor.Code ?? "";
}

/// <summary>A letter for one recipient code, under an id of its own.</summary>
/// <param name="SystemId">Who collects it; null when its province is played here.</param>
internal sealed record Copy(Letter Letter, string DocId, string To, string? SystemId)
{
    /// <summary>The transport's: initial, processing, done, fail.</summary>
    public required string Status { get; set; }

    public required DateTimeOffset ChangedAt { get; set; }

    /// <summary>The recipient has agreed to give it back, and works on it no more.</summary>
    public bool IsGivenBack { get; set; }

    /// <summary>What the recipient has said of it, in the order of its saying.</summary>
    public List<Said> Said { get; } = [];
}

/// <summary>A status that a recipient reported.</summary>
internal sealed record Said(string Code, DateTimeOffset At);

/// <summary>What waits for a connected system, and what it took last.</summary>
internal sealed class Mailbox
{
    private const int MostRecent = 100;

    private readonly LinkedList<Copy> _waiting = [];
    private readonly Dictionary<string, LinkedListNode<Copy>> _places = new(StringComparer.Ordinal);
    private readonly Queue<Copy> _recent = [];

    /// <summary>Oldest first.</summary>
    public IEnumerable<Copy> Waiting => _waiting;

    /// <summary>Taken off the list not long ago.</summary>
    public IEnumerable<Copy> Recent => _recent;

    public int Count => _waiting.Count;

    public void Put(Copy copy) => _places[copy.DocId] = _waiting.AddLast(copy);

    public void TakeOff(Copy copy)
    {
        if (!_places.Remove(copy.DocId, out var place))
        {
            return;
        }
        _waiting.Remove(place);
        _recent.Enqueue(copy);
        if (_recent.Count > MostRecent)
        {
            _recent.Dequeue();
        }
    }
}
