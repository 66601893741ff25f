using System.Globalization;
using Axis.Chaos.Offices;
using Axis.TestKit;

namespace Axis.Chaos.Border;

/// <summary>Letters across the border, in both directions alike, at a steady pace whatever the line does.</summary>
internal sealed class BorderLoad(
    IReadOnlyList<Office> offices,
    KeptAxis axis,
    double lettersASecond,
    int seed
)
{
    // Above it the pace waits for receipts: an office does not have a thousand letters on its desk.
    private const int MostOpen = 400;

    private readonly Random _random = new(seed);
    private int _number;

    /// <summary>Writes until told to stop; returns when every letter of ours has its receipt.</summary>
    public async Task RunAsync(CancellationToken enough, CancellationToken over)
    {
        var open = new List<Task>();
        var pace = TimeSpan.FromSeconds(1 / lettersASecond);
        while (!enough.IsCancellationRequested)
        {
            open.RemoveAll(letter => letter.IsCompletedSuccessfully);
            if (open.Count < MostOpen)
            {
                open.Add(_random.Next(2) == 0 ? SendAsync(over) : WriteAsync(over));
            }
            await Pause.AtMostAsync(pace, enough);
        }
        await Task.WhenAll(open);
    }

    private Task SendAsync(CancellationToken over)
    {
        var sender = Some([.. offices.Where(office => office.Plan.Acknowledges)]);
        var kind = _random.NextDouble();
        return sender.SendAsync(
            new Letter(sender.Code, [.. Among(FarProvince.Far)])
            {
                Number = ++_number,
                Notation = string.Create(CultureInfo.InvariantCulture, $"BG-{seed}"),
                Priority = _random.NextDouble() < 0.1 ? 2 : 0,
                AttachmentBytes =
                    kind < 0.01 ? 1_000_000
                    : kind < 0.03 ? 250_000
                    : _random.Next(500, 20_000),
            },
            over
        );
    }

    private Task WriteAsync(CancellationToken over) =>
        axis.WriteAsync(
            new
            {
                from = Some(FarProvince.Far),
                to = Among([.. offices.Select(office => office.Code)]),
                subject = "V/v phối hợp công tác liên tỉnh",
                bothCodes = _random.NextDouble() < 0.3,
                withSignature = _random.NextDouble() < 0.3,
                attachmentBytes = _random.NextDouble() < 0.02 ? 500_000 : _random.Next(500, 20_000),
            },
            over
        );

    /// <summary>One of them, or two.</summary>
    private string[] Among(IReadOnlyList<string> codes)
    {
        var (first, second) = (Some(codes), Some(codes));
        return first == second || _random.NextDouble() < 0.6 ? [first] : [first, second];
    }

    private T Some<T>(IReadOnlyList<T> among) => among[_random.Next(among.Count)];
}
