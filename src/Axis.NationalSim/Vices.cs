namespace Axis.NationalSim;

/// <summary>What can be wrong with a national axis. The names on the wire are in <see cref="ViceNames"/>.</summary>
public enum ViceKind
{
    /// <summary>Answers late, by <see cref="Vice.Milliseconds"/>.</summary>
    Slow,

    /// <summary>Cuts the connection before it has read anything.</summary>
    Down,

    /// <summary>Does what was asked, then cuts the connection without an answer.</summary>
    LostAnswer,

    /// <summary>Sends half of its answer, then cuts the connection.</summary>
    CutAnswer,

    /// <summary>Answers with a page for people, HTTP <see cref="Vice.Status"/>.</summary>
    HtmlPage,

    /// <summary>A page for people instead of every answer above <see cref="Vice.Bytes"/>, as a proxy with a limit gives.</summary>
    PageForLarge,

    /// <summary>Answers 401 and one word of plain text.</summary>
    PlainUnauthorized,

    /// <summary>Answers 429 and asks for a pause of <see cref="Vice.Seconds"/>.</summary>
    TooMany,

    /// <summary>Answers 200 and nothing.</summary>
    EmptyAnswer,

    /// <summary>Answers with its error 20.</summary>
    SystemError,

    /// <summary>Calls its JSON text/html.</summary>
    WrongContentType,

    /// <summary>Answers lists with <c>data</c> null.</summary>
    NullData,

    /// <summary>Shows every item of a list twice, and some that were acknowledged again.</summary>
    DuplicateLists,

    /// <summary>Says yes to an acknowledgement and forgets it.</summary>
    LostAcknowledgement,

    /// <summary>Leaves on the list what was acknowledged as <c>fail</c>.</summary>
    KeepsFailed,

    /// <summary>Takes the same file a second time as another letter.</summary>
    ForgetsRepeats,

    /// <summary>Writes packages anew on their way: a hop more, and the namespace of the signature is gone.</summary>
    RewrittenXml,

    /// <summary>Its clock is off by <see cref="Vice.Seconds"/>.</summary>
    ClockDifference,

    /// <summary>Refuses timestamps that are further than <see cref="Vice.Seconds"/> from its clock.</summary>
    StrictTimestamps,

    /// <summary>Other provinces write the old form of codes in their statuses.</summary>
    OldCodes,

    /// <summary>Other provinces name a letter by number and date only, without its document id.</summary>
    BareStatuses,

    /// <summary>A document for a connected system arrives as bytes that are no edXML.</summary>
    NoPackage,

    /// <summary>A document for a connected system arrives with entities that would grow without end.</summary>
    XmlBomb,

    /// <summary>A document is handed out as something that is no base64.</summary>
    BadBase64,

    /// <summary>A document is on the list, and getEdoc knows nothing of it.</summary>
    GhostItem,
}

/// <summary>How strong a vice is.</summary>
/// <param name="Calls">The calls that show it; empty: all that can.</param>
/// <param name="Next">How many more times it shows; null: until it is switched off.</param>
/// <param name="Share">How often it shows, from 0 to 1.</param>
public sealed record Vice(
    IReadOnlyList<string>? Calls = null,
    int? Next = null,
    double Share = 1,
    int Milliseconds = 1_000,
    int Seconds = 300,
    int Status = 200,
    int Bytes = 100_000
)
{
    internal bool Concerns(string call) => Calls is not { Count: > 0 } || Calls.Contains(call);
}

/// <summary>The vices that are switched on now. They may be switched while calls run.</summary>
public sealed class Vices(int seed)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ViceKind, Vice> _on = [];
#pragma warning disable CA5394 // Chance that can be repeated is what a simulator needs.
    private readonly Random _chance = new(seed);

    public IReadOnlyDictionary<ViceKind, Vice> On
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<ViceKind, Vice>(_on);
            }
        }
    }

    public void Set(ViceKind kind, Vice? vice = null)
    {
        lock (_gate)
        {
            _on[kind] = vice ?? new Vice();
        }
    }

    public void Clear(ViceKind kind)
    {
        lock (_gate)
        {
            _on.Remove(kind);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _on.Clear();
        }
    }

    /// <summary>The vice, when it shows in this call; one that shows a number of times has one time less then.</summary>
    public Vice? Shows(ViceKind kind, string call)
    {
        lock (_gate)
        {
            if (
                !_on.TryGetValue(kind, out var vice)
                || !vice.Concerns(call)
                || (vice.Share < 1 && _chance.NextDouble() >= vice.Share)
            )
            {
                return null;
            }
            if (vice.Next is { } left)
            {
                if (left <= 1)
                {
                    _on.Remove(kind);
                }
                else
                {
                    _on[kind] = vice with { Next = left - 1 };
                }
            }
            return vice;
        }
    }

    /// <summary>A vice that is a condition rather than an event: it uses up nothing.</summary>
    public Vice? Has(ViceKind kind)
    {
        lock (_gate)
        {
            return _on.GetValueOrDefault(kind);
        }
    }
#pragma warning restore CA5394
}

/// <summary>Kinds as they are written on the command line and in the control API: <c>lost-answer</c>.</summary>
public static class ViceNames
{
    public static IReadOnlyList<string> All { get; } =
    [.. Enum.GetValues<ViceKind>().Select(kind => Of(kind))];

    public static string Of(ViceKind kind) =>
        string.Concat(
            kind.ToString()
                .Select(
                    (letter, i) =>
                        char.IsUpper(letter)
                            ? (i == 0 ? "" : "-") + char.ToLowerInvariant(letter)
                            : letter.ToString()
                )
        );

    public static ViceKind? Find(string name) =>
        Enum.GetValues<ViceKind>()
            .Where(kind => Of(kind) == name)
            .Select(kind => (ViceKind?)kind)
            .FirstOrDefault();

    /// <summary>What is wrong with the strength of a vice, in English; null when nothing is.</summary>
    public static string? ProblemOf(Vice vice) =>
        vice switch
        {
            { Share: not (>= 0 and <= 1) } => "share is out of range: 0 to 1",
            { Next: < 1 } => "next is out of range: 1 or more",
            { Milliseconds: < 0 or > 600_000 } => "milliseconds is out of range: 0 to 600000",
            { Seconds: < -31_536_000 or > 31_536_000 } =>
                "seconds is out of range: a year either way",
            { Status: < 200 or > 599 } => "status is out of range: 200 to 599",
            { Bytes: < 0 } => "bytes is out of range: 0 or more",
            _ => null,
        };
}
