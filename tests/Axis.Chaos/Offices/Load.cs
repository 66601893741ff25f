using System.Globalization;
using Axis.TestKit;

namespace Axis.Chaos.Offices;

/// <summary>Letters among the offices, at a steady pace whatever the hub does; each is sent until it has its receipt.</summary>
public sealed class Load(IReadOnlyList<Office> offices, double lettersASecond, int seed)
{
    // Above it the pace waits for receipts: an office does not have a thousand letters on its desk.
    private const int MostOpen = 400;
    private const int MostToTheSilent = 200;

    private readonly Random _random = new(seed);
    private int _number;
    private int _silent;

    /// <summary>Sends until told to stop; returns when every letter has its receipt.</summary>
    public async Task RunAsync(CancellationToken enough, CancellationToken over)
    {
        var open = new List<Task>();
        var pace = TimeSpan.FromSeconds(1 / lettersASecond);
        while (!enough.IsCancellationRequested)
        {
            open.RemoveAll(letter => letter.IsCompletedSuccessfully);
            if (open.Count < MostOpen)
            {
                var (sender, letter) = Next();
                open.Add(sender.SendAsync(letter, over));
            }
            await Pause.AtMostAsync(pace, enough);
        }
        await Task.WhenAll(open);
    }

    private (Office Sender, Letter Letter) Next()
    {
        var active = offices.Where(office => office.Plan.Acknowledges).ToArray();
        var sender = active[_random.Next(active.Length)];
        var others = active.Where(office => office != sender).ToArray();
        var first = others[_random.Next(others.Length)];
        var second = others[_random.Next(others.Length)];
        List<string> to =
            first == second || _random.NextDouble() < 0.5
                ? [first.Code]
                : [first.Code, second.Code];
        if (_silent < MostToTheSilent && _random.NextDouble() < 0.03)
        {
            to.AddRange(
                offices.Where(office => !office.Plan.Acknowledges).Select(office => office.Code)
            );
            _silent++;
        }
        var kind = _random.NextDouble();
        var number = ++_number;
        return (
            sender,
            new Letter(sender.Code, [.. to])
            {
                Number = number,
                Notation = string.Create(CultureInfo.InvariantCulture, $"CH-{seed}"),
                Priority = _random.NextDouble() < 0.1 ? 1 : 0,
                // Most are small; some go as a claim check (above 256 KiB), some as a file (above 1 MiB).
                AttachmentBytes =
                    kind < 0.01 ? 1_000_000
                    : kind < 0.03 ? 250_000
                    : _random.Next(500, 20_000),
            }
        );
    }
}
