using Axis.Chaos.Faults;
using Axis.Chaos.Offices;

namespace Axis.Chaos.Stands;

/// <summary>Servers and hubs for a run, and the ways in which they can be struck.</summary>
public interface IStand : IAsyncDisposable
{
    /// <summary>Where office systems find the hub.</summary>
    Uri Hub { get; }

    /// <summary>Where office systems find the broker.</summary>
    Uri Broker { get; }

    IReadOnlyList<Fault> Faults { get; }

    /// <summary>Faults that this machine cannot play, and why.</summary>
    IReadOnlyList<string> LeftOut { get; }

    string SecretOf(string officeSystem);

    /// <summary>What still lies about: deliveries and events not at their end, messages on queues. Empty when all is done.</summary>
    Task<IReadOnlyList<string>> FindUnfinishedAsync(CancellationToken cancellation);

    /// <summary>How many packages the hub says it stored.</summary>
    Task<long> CountPackagesAsync(CancellationToken cancellation);

    /// <summary>How often a hub ended without being told to, with its last words.</summary>
    IReadOnlyList<string> OwnDeaths { get; }

    /// <summary>What hubs wrote that was worth a warning, for a look after a failure.</summary>
    string Logs { get; }
}

/// <summary>The offices of every run.</summary>
public static class ChaosProvince
{
    public static IReadOnlyList<OfficePlan> Offices { get; } =
    [
        new("office", "H99", "http", "http"),
        new("department", "H99.01", "amqp", "amqp"),
        new("commune", "H99.02", "http", "amqp"),
        new("hospital", "H99.03", "amqp", "http"),
        // Lets everything lie until the run is over.
        new("archive", "H99.04", "http", "http", Acknowledges: false),
    ];
}
