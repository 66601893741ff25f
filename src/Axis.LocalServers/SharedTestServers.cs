using System.Text.Json;

namespace Axis.LocalServers;

/// <summary>
/// The servers of one test run: those named by the environment variables that <c>./axis with-servers</c> sets, else
/// private ones started here and removed at the end. Each fixture takes a database and a virtual host of its own.
/// </summary>
public sealed class SharedTestServers : IAsyncDisposable
{
    /// <summary>A PostgreSQL connection string of a user who may create databases.</summary>
    public const string PostgresVariable = "AXIS_POSTGRES";

    /// <summary>An <c>amqp://</c> address of an administrator.</summary>
    public const string AmqpVariable = "AXIS_AMQP";

    /// <summary>The broker's management API, <c>http://user:password@host:port/</c>.</summary>
    public const string ManagementVariable = "AXIS_AMQP_MANAGEMENT";

    /// <summary>The loopback port on which the broker expects the hub's operations listener.</summary>
    public const string BrokerAuthPortVariable = "AXIS_BROKER_AUTH_PORT";

    /// <summary>The loopback port of the broker's TLS listener; tests of certificates are skipped without it.</summary>
    public const string AmqpTlsPortVariable = "AXIS_AMQP_TLS_PORT";

    /// <summary>A PEM file with certificate and key of an authority that the TLS listener trusts.</summary>
    public const string AuthorityVariable = "AXIS_AMQP_AUTHORITY";

    private readonly PrivateServers? _own;
    private readonly string _postgres;
    private readonly Uri _amqp;
    private readonly BrokerManagement _management;

    private SharedTestServers(
        PrivateServers? own,
        string postgres,
        Uri amqp,
        Uri management,
        int brokerAuthPort
    )
    {
        _own = own;
        _postgres = postgres;
        _amqp = amqp;
        _management = new BrokerManagement(management);
        BrokerAuthPort = brokerAuthPort;
        Management = management;
        AuthorityFile =
            own?.AuthorityFile ?? Environment.GetEnvironmentVariable(AuthorityVariable) ?? "";
        AmqpTlsPort =
            own?.AmqpTlsPort
            ?? int.Parse(
                Environment.GetEnvironmentVariable(AmqpTlsPortVariable) ?? "0",
                System.Globalization.CultureInfo.InvariantCulture
            );
    }

    /// <summary>The broker's management API, with the administrator's name and password.</summary>
    public Uri Management { get; }

    /// <summary>The broker's TLS listener on loopback; 0 when there is none.</summary>
    public int AmqpTlsPort { get; }

    /// <summary>The authority that the TLS listener trusts, with its key; empty when there is none.</summary>
    public string AuthorityFile { get; }

    /// <summary>Where the hub under test must open its operations listener: one hub at a time.</summary>
    public int BrokerAuthPort { get; }

    /// <param name="progress">Words about what is going on.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<SharedTestServers> StartAsync(
        IProgress<string>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var postgres = Environment.GetEnvironmentVariable(PostgresVariable);
        var amqp = Environment.GetEnvironmentVariable(AmqpVariable);
        var management = Environment.GetEnvironmentVariable(ManagementVariable);
        var port = Environment.GetEnvironmentVariable(BrokerAuthPortVariable);
        string?[] given = [postgres, amqp, management, port];
        if (given.All(value => !string.IsNullOrEmpty(value)))
        {
            return new SharedTestServers(
                null,
                postgres!,
                new Uri(amqp!),
                new Uri(management!),
                int.Parse(port!, System.Globalization.CultureInfo.InvariantCulture)
            );
        }

        if (given.Any(value => !string.IsNullOrEmpty(value)))
        {
            throw new PrivateServersException(
                $"Tests on servers of your own need all of {PostgresVariable}, {AmqpVariable}, {ManagementVariable} "
                    + $"and {BrokerAuthPortVariable}; without any of them private servers are started."
            );
        }

        var folder = $"/var/tmp/axis-tests-{Environment.ProcessId}";
        var own = await PrivateServers.StartAsync(
            new PrivateServersOptions(folder, WithManagement: true),
            progress ?? new Progress<string>(),
            cancellation
        );
        return new SharedTestServers(
            own,
            own.PostgresConnectionString,
            own.AmqpUri,
            own.ManagementUri,
            own.BrokerAuthPort
        );
    }

    /// <summary>Servers of a test's own, which it may kill. They stay its own: disposing this leaves them.</summary>
    public static SharedTestServers On(PrivateServers servers)
    {
        ArgumentNullException.ThrowIfNull(servers);
        return new SharedTestServers(
            null,
            servers.PostgresConnectionString,
            servers.AmqpUri,
            servers.ManagementUri,
            servers.BrokerAuthPort
        );
    }

    /// <summary>A new, empty database; returns its connection string.</summary>
    public Task<string> CreateDatabaseAsync(CancellationToken cancellation = default) =>
        Databases.EnsureAsync(_postgres, $"test_{Guid.CreateVersion7():n}", cancellation);

    /// <summary>A new, empty virtual host; returns its address for the administrator.</summary>
    public Task<Uri> CreateVirtualHostAsync(CancellationToken cancellation = default) =>
        _management.CreateVirtualHostAsync(_amqp, $"test-{Guid.CreateVersion7():n}", cancellation);

    /// <summary>Removes the virtual host, with its queues.</summary>
    public Task DeleteVirtualHostAsync(Uri amqp, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(amqp);
        return _management.DeleteVirtualHostAsync(
            Uri.UnescapeDataString(amqp.AbsolutePath.TrimStart('/')),
            cancellation
        );
    }

    /// <summary>What the broker has in a virtual host: its <c>queues</c>, <c>exchanges</c> or <c>bindings</c>.</summary>
    public Task<IReadOnlyList<JsonElement>> ListAsync(
        Uri amqp,
        string kind,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(amqp);
        return _management.ListAsync(
            Uri.UnescapeDataString(amqp.AbsolutePath.TrimStart('/')),
            kind,
            cancellation
        );
    }

    /// <summary>Removes a queue with what it holds.</summary>
    public Task DeleteQueueAsync(Uri amqp, string queue, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(amqp);
        return _management.DeleteQueueAsync(
            Uri.UnescapeDataString(amqp.AbsolutePath.TrimStart('/')),
            queue,
            cancellation
        );
    }

    /// <summary>Sets a policy on the queues of a virtual host whose names match; null takes it away.</summary>
    public Task SetQueuePolicyAsync(
        Uri amqp,
        string name,
        string pattern,
        IReadOnlyDictionary<string, object>? definition
    )
    {
        ArgumentNullException.ThrowIfNull(amqp);
        return _management.SetQueuePolicyAsync(
            Uri.UnescapeDataString(amqp.AbsolutePath.TrimStart('/')),
            name,
            pattern,
            definition
        );
    }

    /// <summary>Has the broker close the connections to a virtual host; returns how many it knew of.</summary>
    public Task<int> CloseConnectionsToAsync(Uri amqp)
    {
        ArgumentNullException.ThrowIfNull(amqp);
        return _management.CloseConnectionsToAsync(
            Uri.UnescapeDataString(amqp.AbsolutePath.TrimStart('/'))
        );
    }

    public async ValueTask DisposeAsync()
    {
        _management.Dispose();
        if (_own is not null)
        {
            await PrivateServers.PurgeAsync(_own.DataFolder);
            await _own.DisposeAsync();
            Directory.Delete(_own.DataFolder, recursive: true);
        }
    }
}
