namespace Axis.Chaos.Faults;

/// <summary>One kind of misfortune.</summary>
/// <param name="Name">What it is, such as <c>hub: kill -9</c>.</param>
/// <param name="Target">What it strikes; two faults that strike at once have different ones.</param>
/// <param name="StrikeAsync">
/// Strikes, lasts, and ends; returns a word on the particulars. All it decides comes from the random numbers given.
/// </param>
public sealed record Fault(
    string Name,
    string Target,
    Func<Random, CancellationToken, Task<string>> StrikeAsync
)
{
    /// <summary>Those that every run must meet come first in the deck.</summary>
    public bool IsCore { get; init; }
}

/// <summary>One or two faults that strike together.</summary>
/// <param name="PauseBefore">After the end of the last ones.</param>
/// <param name="WaitsForRecovery">Whether the next round waits until this one is wholly over.</param>
public sealed record Round(
    int Number,
    IReadOnlyList<(Fault Fault, int Seed)> Faults,
    TimeSpan PauseBefore,
    bool WaitsForRecovery
);

/// <summary>The sequence of faults, which the seed decides and nothing else.</summary>
public static class Deck
{
    public static IEnumerable<Round> Deal(IReadOnlyList<Fault> faults, int seed)
    {
        var random = new Random(seed);
        var deck = new Queue<Fault>();
        for (var number = 1; ; number++)
        {
            var round = new List<(Fault, int)> { (Draw(), random.Next()) };
            if (number % 5 == 0)
            {
                var second = Draw();
                if (second.Target != round[0].Item1.Target)
                {
                    round.Add((second, random.Next()));
                }
            }
            yield return new Round(
                number,
                round,
                TimeSpan.FromSeconds(0.5 + (random.NextDouble() * 4)),
                WaitsForRecovery: number % 8 == 0
            );
        }

        Fault Draw()
        {
            if (deck.Count == 0)
            {
                foreach (
                    var fault in faults
                        .Select(fault => (fault, random.Next()))
                        .OrderByDescending(pair => pair.fault.IsCore)
                        .ThenBy(pair => pair.Item2)
                        .Select(pair => pair.fault)
                )
                {
                    deck.Enqueue(fault);
                }
            }
            return deck.Dequeue();
        }
    }
}

internal static class Chances
{
    public static TimeSpan Seconds(this Random random, double least, double most) =>
        TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least)));

    public static T Of<T>(this Random random, IReadOnlyList<T> choices) =>
        choices[random.Next(choices.Count)];
}
