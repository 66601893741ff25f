using System.Security.Cryptography;
using Axis.EdXml;
using Axis.NationalSim.Catalogue;
using Axis.NationalSim.Provinces;
using Axis.Vxp;

namespace Axis.NationalSim.Exchange;

/// <summary>
/// The axis itself: takes packages, keeps them for those who collect, and plays the provinces that are not connected.
/// Whatever is due happens before a call is answered, so that time passes by the clock alone.
/// </summary>
internal sealed class NationalAxis : IDisposable
{
    private readonly Lock _gate = new();
    private readonly NationalSimOptions _options;
    private readonly Vices _vices;
    private readonly DocIds _ids;
    private readonly Agenda _agenda = new();
    private readonly FarProvinces _far;
    private readonly Dictionary<string, Copy> _copies = new(StringComparer.Ordinal);
    private readonly Dictionary<(string System, string Type), Mailbox> _mailboxes = [];
    private readonly Dictionary<(string System, string Type), List<Letter>> _sent = [];
    private readonly Dictionary<string, Letter> _taken = new(StringComparer.Ordinal);
    private readonly List<Letter> _letters = [];
    private readonly Dictionary<string, List<Letter>> _byDocument = new(StringComparer.Ordinal);
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private readonly Journal? _journal;
    private TimeSpan _ahead;

    public NationalAxis(NationalSimOptions options, Vices vices)
    {
        _options = options;
        _vices = vices;
        _ids = new DocIds(options.Seed);
        Catalogue = new NationalCatalogue(options);
        _far = new FarProvinces(this, options, vices, _agenda);
        _journal = options.StateFolder is { } folder ? Journal.Open(folder, Again) : null;
    }

    public NationalCatalogue Catalogue { get; }

    /// <summary>Files that were sent again by the system that had sent them.</summary>
    public int Repeats { get; private set; }

    public int WaitingAnswers => _agenda.Count;

    public IReadOnlyList<Letter> Letters => _letters;

    /// <summary>The axis' own time; what it shows may differ (<see cref="Shown"/>).</summary>
    public DateTimeOffset Now => _options.Clock.GetUtcNow() + _ahead;

    /// <summary>The time that its clock shows.</summary>
    public DateTimeOffset Shown =>
        Now
        + (
            _vices.Has(ViceKind.ClockDifference) is { } vice
                ? TimeSpan.FromSeconds(vice.Seconds)
                : TimeSpan.Zero
        );

    /// <summary>Runs something when everything due has happened, and nothing else runs.</summary>
    public T Do<T>(Func<T> act)
    {
        lock (_gate)
        {
            _far.Begin(Now);
            _agenda.RunUntil(Now);
            return act();
        }
    }

    public void Advance(TimeSpan by)
    {
        lock (_gate)
        {
            _ahead += by;
            _journal?.Write(new Entry { Ahead = _ahead });
        }
    }

    /// <summary>Adds an agency to the catalogue, or opens and renames the one of that code.</summary>
    public NationalAgency Open(KnownAgency agency)
    {
        _journal?.Write(new Entry { Opened = agency });
        return Catalogue.Add(agency, Now);
    }

    /// <summary>False when there is none of that code.</summary>
    public bool Close(string code)
    {
        if (Catalogue.Find(code) is not { } agency)
        {
            return false;
        }
        _journal?.Write(new Entry { Closed = code });
        Catalogue.Change(agency with { IsClosed = true }, Now);
        return true;
    }

    /// <summary>Another province writes a letter now.</summary>
    public (Letter? Letter, string? Problem) Write(LetterWish wish) => _far.Write(wish);

    public void Dispose()
    {
        _far.Dispose();
        _journal?.Dispose();
    }

    public Mailbox MailboxOf(string system, string messageType)
    {
        if (!_mailboxes.TryGetValue((system, messageType), out var mailbox))
        {
            _mailboxes[(system, messageType)] = mailbox = new Mailbox();
        }
        return mailbox;
    }

    /// <summary>Newest first.</summary>
    public IEnumerable<Letter> SentBy(string system, string messageType) =>
        _sent.TryGetValue((system, messageType), out var letters)
            ? Enumerable.Reverse(letters)
            : [];

    /// <summary>Letters, and statuses about them, by document id.</summary>
    public IReadOnlyList<Letter> About(string documentId) =>
        _byDocument.TryGetValue(documentId, out var letters) ? letters : [];

    public Copy? CopyOf(string system, string? docId) =>
        docId is not null && _copies.TryGetValue(docId, out var copy) && copy.SystemId == system
            ? copy
            : null;

    /// <summary>Takes what a connected system sends.</summary>
    public (string? DocId, Refusal? Refusal) Send(
        SimSystem system,
        string from,
        IReadOnlyList<string> to,
        byte[] package
    )
    {
        var reading = PackageReader.Read(package, ReadLimits.Default);
        if (!reading.IsComplete || reading is { Document: null, Status: null })
        {
            return (null, Refusal.NotTheStandard);
        }
        if (Catalogue.Find(from)?.SystemId != system.Id)
        {
            return (null, Refusal.ForeignSender(from));
        }
        var named = to.Count > 0 ? to : RecipientsIn(reading);
        foreach (var code in named)
        {
            if (Catalogue.Find(code) is not { } agency)
            {
                return (null, Refusal.UnknownRecipient(code));
            }
            if (agency.IsClosed)
            {
                return (null, Refusal.ClosedRecipient(code));
            }
        }
        if (named.Count == 0)
        {
            return (null, Refusal.UnknownRecipient(""));
        }
        var key = KeyOf(system.Id, from, named, Convert.ToHexStringLower(reading.Sha256.Span));
        if (_taken.TryGetValue(key, out var known))
        {
            Repeats++;
            if (_vices.Shows(ViceKind.ForgetsRepeats, VxpCall.SendEdoc.Name) is null)
            {
                return (known.SenderDocId, null);
            }
        }
        return (Take(package, reading, from, system.Id, named).SenderDocId, null);
    }

    /// <summary>Takes a package and puts it where it is collected; one copy for each recipient code.</summary>
    /// <param name="planned">What a played province says with it, of all that it has planned to say.</param>
    /// <param name="number">Of a letter that a played province writes of its own.</param>
    public Letter Take(
        byte[] package,
        PackageReading reading,
        string from,
        string? systemId,
        IReadOnlyList<string> to,
        string? planned = null,
        int? number = null
    )
    {
        var damage =
            reading.Document is not null
            && to.Any(code => Catalogue.Find(code)?.SystemId is not null)
                ? Damage.Next(_vices)
                : null;
        var taken = new TakenLetter(
            _ids.Next(Now),
            Now,
            from,
            systemId,
            damage is { } kind && Damage.BytesOf(kind) is { } broken ? broken
                : _vices.Shows(ViceKind.RewrittenXml, VxpCall.SendEdoc.Name) is null ? package
                : Rewriting.Apply(package, reading, Shown),
            Convert.ToHexStringLower(SHA256.HashData(package)),
            [
                .. to.Distinct(StringComparer.Ordinal)
                    .Select(code => new TakenCopy(_ids.Next(Now), code)),
            ],
            planned,
            number,
            damage
        );
        _journal?.Write(new Entry { Letter = taken });
        return Put(taken, reading);
    }

    /// <summary>Whether a played province has said this of its plans.</summary>
    public bool HasSaid(string planned) => _said.Contains(planned);

    private Letter Put(TakenLetter taken, PackageReading reading)
    {
        var type = reading.Status is null ? VxpValue.MessageEdoc : VxpValue.MessageStatus;
        var letter = new Letter(
            taken.DocId,
            type,
            taken.From,
            taken.SystemId,
            taken.Bytes,
            taken.Sha256,
            Convert.ToHexStringLower(SHA256.HashData(taken.Bytes)),
            reading.Document,
            reading.Status,
            taken.At
        )
        {
            Damage = taken.Damage,
        };
        _letters.Add(letter);
        if (letter.DocumentId is { } documentId)
        {
            Listed(_byDocument, documentId).Add(letter);
        }
        if (taken.SystemId is { } sender)
        {
            Listed(_sent, (sender, type)).Add(letter);
            _taken[KeyOf(sender, taken.From, taken.Copies.Select(copy => copy.To), taken.Sha256)] =
                letter;
        }
        if (taken.Planned is { } planned)
        {
            _said.Add(planned);
        }
        foreach (var (docId, code) in taken.Copies)
        {
            var copy = new Copy(letter, docId, code, Catalogue.Find(code)?.SystemId)
            {
                Status = VxpValue.Initial,
                ChangedAt = taken.At,
            };
            letter.Copies.Add(copy);
            _copies[copy.DocId] = copy;
            if (copy.SystemId is { } collector)
            {
                MailboxOf(collector, type).Put(copy);
            }
            else
            {
                _far.Receive(copy);
            }
        }
        if (letter.Report is { } report)
        {
            Note(letter, report, taken.Planned);
        }
        return letter;
    }

    /// <summary>What happened before the start happens again; nobody is asked, and nothing is written down.</summary>
    private void Again(Entry entry)
    {
        switch (entry)
        {
            case { Letter: { } taken }:
                _ids.Skip(1 + taken.Copies.Count);
                _far.HasWritten(taken.Number ?? 0);
                Put(taken, PackageReader.Read(taken.Bytes, ReadLimits.Default));
                break;
            case { Acknowledged: { } acknowledged }:
                Set(_copies[acknowledged.DocId], acknowledged.Status, acknowledged.At);
                break;
            case { Opened: { } agency }:
                Catalogue.Add(agency, Now);
                break;
            case { Closed: { } code }:
                Close(code);
                break;
            case { Ahead: { } ahead }:
                _ahead = ahead;
                break;
        }
    }

    public void Acknowledge(Copy copy, string status)
    {
        if (copy.Status != status)
        {
            _journal?.Write(new Entry { Acknowledged = new Acknowledged(copy.DocId, status, Now) });
        }
        Set(copy, status, Now);
    }

    private void Set(Copy copy, string status, DateTimeOffset at)
    {
        copy.Status = status;
        copy.ChangedAt = at;
        if (
            copy.SystemId is { } system
            && (
                status == VxpValue.Done
                || (status == VxpValue.Fail && _vices.Has(ViceKind.KeepsFailed) is null)
            )
        )
        {
            MailboxOf(system, copy.Letter.MessageType).TakeOff(copy);
        }
    }

    /// <summary>Whether two codes are of one agency.</summary>
    public bool IsSame(string? one, string? other) =>
        one is not null
        && other is not null
        && (one == other || (Catalogue.Find(one) is { } agency && agency == Catalogue.Find(other)));

    /// <summary>Writes a status down at the copy that it is about.</summary>
    /// <param name="planned">Of a played province: it knows what it answers, whatever it writes of it.</param>
    private void Note(Letter status, StatusHeader report, string? planned)
    {
        var answered = planned is null ? null : _copies[planned.Split(' ')[0]];
        var documentId = report.ResponseFor.DocumentId;
        var copy =
            answered is { Letter.Document: not null } ? answered
            : documentId is null ? null
            // Of an agency named by both of its codes, the first copy speaks for both.
            : About(documentId)
                .Where(letter => letter.Document is not null)
                .SelectMany(letter => letter.Copies)
                .FirstOrDefault(copy => IsSame(copy.To, status.From));
        copy?.Said.Add(new Said(report.StatusCode ?? "", status.TakenAt));
    }

    private static string KeyOf(
        string system,
        string from,
        IEnumerable<string> to,
        string sha256
    ) =>
        $"{system} {from} {string.Join(' ', to.Distinct().Order(StringComparer.Ordinal))} {sha256}";

    private static IReadOnlyList<string> RecipientsIn(PackageReading reading) =>
        reading.Status is { } status
            ? status.ResponseFor.OrganId is { } sender
                ? [sender]
                : []
            :
            [
                .. reading
                    .Document!.To.Select(party => party.OrganId)
                    .OfType<string>()
                    .Distinct(StringComparer.Ordinal),
            ];

    private static List<Letter> Listed<TKey>(Dictionary<TKey, List<Letter>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists[key] = list = [];
        }
        return list;
    }
}
