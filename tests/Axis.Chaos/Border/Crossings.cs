using System.Collections.Concurrent;
using Axis.Chaos.Books;
using Axis.Chaos.Offices;
using Axis.NationalSim.Control;

namespace Axis.Chaos.Border;

/// <summary>One kind of traffic across the border, in one direction: what is under way, and what was begun latest of all that arrived.</summary>
internal sealed class Crossing(string name)
{
    private readonly ConcurrentDictionary<string, long> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _over = new(StringComparer.Ordinal);
    private long _latest;

    public string Name => name;

    public int Open => _open.Count;

    public int Over => _over.Count;

    public TimeSpan OldestAge =>
        _open.Values.Select(at => TimeProvider.System.GetElapsedTime(at)).DefaultIfEmpty().Max();

    /// <summary>Told again and again what is known of one thing; the first time counts as its beginning.</summary>
    public void See(string what, bool isOver, long? begunAt = null)
    {
        if (_over.Contains(what))
        {
            return;
        }
        var begun = _open.GetOrAdd(what, begunAt ?? OpenLetters.Now);
        if (isOver)
        {
            _over.Add(what);
            _open.TryRemove(what, out _);
            Volatile.Write(ref _latest, Math.Max(_latest, begun));
        }
    }

    public bool IsRecoveredFrom(long moment) =>
        Volatile.Read(ref _latest) >= moment && _open.Values.All(begun => begun >= moment);
}

/// <summary>
/// What is on its way across the border, seen from the ledgers of both sides twice a second. It is used to time
/// recoveries and has no say in the verdict.
/// </summary>
internal sealed class Crossings(IReadOnlyList<Office> offices, KeptAxis axis)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private readonly Crossing _out = new("letters out");
    private readonly Crossing _in = new("letters in");
    private readonly Crossing _statusesOut = new("statuses out");
    private readonly Crossing _statusesIn = new("statuses in");

    public IReadOnlyList<Crossing> All => [_out, _in, _statusesOut, _statusesIn];

    public bool IsEmpty => All.All(crossing => crossing.Open == 0);

    public async Task WatchAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                if (await axis.LettersAsync(over) is { } there)
                {
                    Look(there);
                }
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
            await Pause.AtMostAsync(LookInterval, over);
        }
    }

    private void Look(IReadOnlyList<LetterView> there)
    {
        var far = there.ToLookup(letter => letter.DocumentId, StringComparer.Ordinal);
        foreach (var office in offices)
        {
            foreach (var letter in office.Ledger.Sent.Values)
            {
                LookOut(office, letter, far[letter.DocumentId].FirstOrDefault());
            }
        }
        var byCode = offices.ToDictionary(
            office => office.Code,
            office =>
                office
                    .Ledger.Received.Values.DistinctBy(letter => letter.DocumentId)
                    .ToDictionary(letter => letter.DocumentId, StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        foreach (var letter in there.Where(letter => letter.System is null))
        {
            foreach (var code in BorderAudit.RecipientsOf(letter))
            {
                LookIn(letter, code, byCode[code].GetValueOrDefault(letter.DocumentId!));
            }
        }
    }

    private void LookOut(Office sender, SentLetter letter, LetterView? there)
    {
        foreach (var code in letter.Recipients.Where(code => FarProvince.OwnCodeOf(code) is null))
        {
            var copy = there?.Copies.FirstOrDefault(copy => copy.To == code);
            _out.See($"{letter.DocumentId} {code}", copy is not null, letter.BegunAt);
            foreach (var status in copy?.Statuses ?? [])
            {
                _statusesIn.See(
                    $"{letter.DocumentId} {code} {status}",
                    letter.Deliveries.TryGetValue(code, out var delivery)
                        && sender.Ledger.Heard.ContainsKey((delivery, status))
                );
            }
        }
    }

    private void LookIn(LetterView letter, string code, ReceivedLetter? here)
    {
        _in.See($"{letter.DocumentId} {code}", here is not null);
        var said = letter.Copies.SelectMany(copy =>
            FarProvince.OwnCodeOf(copy.To) == code ? copy.Statuses : []
        );
        foreach (var status in here?.Reported ?? [])
        {
            _statusesOut.See($"{letter.DocumentId} {code} {status}", said.Contains(status));
        }
    }
}
