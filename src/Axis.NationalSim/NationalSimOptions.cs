using System.Net;
using Axis.NationalSim.Catalogue;

namespace Axis.NationalSim;

/// <summary>A province or ministry that is connected for real, and may call.</summary>
/// <param name="Codes">
/// What it speaks for: each agency with one of these codes, in either form, and everything below it.
/// </param>
public sealed record SimSystem(string Id, string Secret, IReadOnlyList<string> Codes);

/// <summary>How a simulator is to be. The same seed gives the same catalogue and the same conduct of other provinces.</summary>
public sealed record NationalSimOptions
{
    public const int MostAgencies = 120_000;

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0: any free one.</summary>
    public int Port { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Size of the catalogue, the known agencies among them; at most <see cref="MostAgencies"/>.</summary>
    public int Agencies { get; init; } = 3_000;

    /// <summary>Agencies that are to be in the catalogue as they are, before the made-up ones.</summary>
    public IReadOnlyList<KnownAgency> Known { get; init; } = [];

    public IReadOnlyList<SimSystem> Systems { get; init; } = [];

    /// <summary>How much faster than life other provinces work: 3600 makes an hour a second.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Letters that other provinces send of their own, in an hour of theirs, to each connected system.</summary>
    public double LettersPerHour { get; init; }

    /// <summary>Most items that a list call answers with.</summary>
    public int MaxListItems { get; init; } = 5_000;

    /// <summary>Vices that it has from the start.</summary>
    public IReadOnlyDictionary<ViceKind, Vice> Vices { get; init; } =
        new Dictionary<ViceKind, Vice>();

    /// <summary>
    /// Where it writes down what it takes, to have it again after a kill; null: in memory only. The same catalogue,
    /// systems, seed and scale must be given at each start; the vices are those of the start.
    /// </summary>
    public string? StateFolder { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void Validate()
    {
        Demand(Port is >= 0 and <= 65535, nameof(Port), "0 to 65535");
        Demand(Agencies is > 0 and <= MostAgencies, nameof(Agencies), $"1 to {MostAgencies}");
        Demand(Scale is > 0 and <= 1_000_000, nameof(Scale), "above 0, at most 1000000");
        Demand(LettersPerHour is >= 0 and <= 100_000, nameof(LettersPerHour), "0 to 100000");
        Demand(MaxListItems is > 0 and <= 1_000_000, nameof(MaxListItems), "1 to 1000000");
        Demand(
            Systems.Select(system => system.Id).Distinct().Count() == Systems.Count,
            nameof(Systems),
            "each id once"
        );
        Demand(
            Systems.All(system => system is { Id.Length: > 0, Secret.Length: > 0 }),
            nameof(Systems),
            "an id and a secret each"
        );
    }

    private static void Demand(bool holds, string name, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException($"{name} is out of range: {expected}.", name);
        }
    }
}
