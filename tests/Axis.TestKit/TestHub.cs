using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.LocalServers;
using Npgsql;

namespace Axis.TestKit;

/// <summary>
/// The whole hub on real servers, with a database and a virtual host of its own and a small province in it. One at a
/// time: the broker asks for authorisation at one fixed port.
/// </summary>
public sealed class TestHub : IAsyncDisposable
{
    private static readonly ConditionalWeakTable<SharedTestServers, TestHub> s_running = [];

    /// <summary>No answer is waited for longer, and none is given up earlier than what a test waits for.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, string?> _settings;
    private readonly SharedTestServers _servers;
    private readonly TimeProvider? _clock;
    private readonly string _folder;
    private readonly TestRegistry _registry;
    private readonly bool _asProcess;

    // Null while nothing runs.
    private IHubRun _run = null!;

    private TestHub(
        SharedTestServers servers,
        Dictionary<string, string?> settings,
        TimeProvider? clock,
        bool asProcess,
        string folder,
        Uri amqp
    )
    {
        _servers = servers;
        _settings = settings;
        _clock = clock;
        _asProcess = asProcess;
        _folder = folder;
        Amqp = amqp;
        Ops = new Uri(settings["Listen:Ops"]!);
        Database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(settings["Storage:ConnectionString"]!)
            {
                Timeout = (int)s_patience.TotalSeconds,
                CommandTimeout = (int)s_patience.TotalSeconds,
            }.ConnectionString
        );
        _registry = new TestRegistry(Database);
    }

    public NpgsqlDataSource Database { get; }

    /// <summary>The virtual host, as the administrator reaches it.</summary>
    public Uri Amqp { get; }

    /// <summary>The broker's management API, with the administrator's account.</summary>
    public Uri Management => _servers.Management;

    /// <summary>What a hub that runs as a process has said.</summary>
    public string Log => _run is HubProcess process ? process.Log : "";

    public Uri Http { get; private set; } = null!;

    /// <summary>The TLS listener of a hub that runs in this process, where the settings ask for one.</summary>
    public Uri Https => ((HubInProcess)_run).Https!;

    public Uri Ops { get; }

    /// <summary>The VXP door's own address, of a hub in this process that was given one.</summary>
    public Uri Vxp => ((HubInProcess)_run).Vxp!;

    /// <summary>The hub that runs as a process of its own.</summary>
    public HubProcess Process => (HubProcess)_run;

    /// <summary>The services of a hub that runs in this process.</summary>
    public IServiceProvider Services => ((HubInProcess)_run).Services;

    public static async Task<TestHub> StartAsync(
        SharedTestServers servers,
        TimeProvider? clock = null,
        bool asProcess = false,
        params (string Key, string Value)[] settings
    )
    {
        var folder = Directory.CreateTempSubdirectory("axis-hub-").FullName;
        var amqp = await servers.CreateVirtualHostAsync();
        var all = new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = await servers.CreateDatabaseAsync(),
            ["Storage:PayloadFolder"] = Path.Combine(folder, "payloads"),
            ["Broker:Uri"] = amqp.AbsoluteUri,
            ["Broker:ManagementUri"] = servers.Management.AbsoluteUri,
            // A process keeps its address over restarts; in this process any free port will do.
            ["Listen:Http"] = $"http://127.0.0.1:{(asProcess ? FreePort() : 0)}",
            ["Listen:Ops"] = $"http://127.0.0.1:{servers.BrokerAuthPort}",
            ["Access:SigningKeyFile"] = Path.Combine(folder, "token-key.pem"),
            ["Vxp:KeyFile"] = Path.Combine(folder, "vxp-key"),
            ["Access:BrokerVirtualHost"] = Uri.UnescapeDataString(amqp.AbsolutePath.TrimStart('/')),
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }
        var hub = new TestHub(servers, all, clock, asProcess, folder, amqp);
        // A fixture whose set-up failed may have left its hub behind, and those after it must not fail for that.
        if (s_running.TryGetValue(servers, out var left) && left.Ops == hub.Ops)
        {
            await left.DisposeAsync();
        }
        // Noted before it runs: one that does not get ready must not keep its port from those after it either.
        s_running.AddOrUpdate(servers, hub);
        await hub.RunAsync();
        return hub;
    }

    /// <summary>Stops the hub as a restart would, and starts it again on the same data.</summary>
    public Task RestartAsync() => RestartAsync(() => Task.CompletedTask);

    /// <summary>The same, and something happens while no hub runs.</summary>
    public async Task RestartAsync(Func<Task> meanwhile)
    {
        await _run.StopAsync();
        _run = null!;
        await meanwhile();
        await RunAsync();
    }

    public async Task RunAsync()
    {
        if (_asProcess)
        {
            var process = HubProcess.Start(_settings, Program, ProcessEnvironment);
            _run = process;
            await process.WaitUntilReadyAsync();
        }
        else
        {
            _run = await HubInProcess.StartAsync(_settings, _clock);
        }
        Http = _run.Http;
    }

    /// <summary>The program of the next start, when it is not the hub's own.</summary>
    public string? Program { get; set; }

    /// <summary>Variables of the next start that are no settings.</summary>
    public IReadOnlyDictionary<string, string>? ProcessEnvironment { get; set; }

    /// <summary>A setting of the next start.</summary>
    public void Set(string key, string value) => _settings[key] = value;

    public string PayloadFolder => _settings["Storage:PayloadFolder"]!;

    public string DatabaseConnectionString => _settings["Storage:ConnectionString"]!;

    /// <summary>Waits for the process to die of itself.</summary>
    public Task DiesAsync() => ((HubProcess)_run).WaitForExitAsync();

    /// <summary>
    /// Another node on the same database, broker and folder, as a process of its own with ports of its own. The broker
    /// goes on asking the first for authorisation.
    /// </summary>
    public Task<HubProcess> StartNodeAsync(params (string Key, string Value)[] settings)
    {
        var own = new Dictionary<string, string?>(_settings)
        {
            ["Listen:Http"] = $"http://127.0.0.1:{FreePort()}",
            ["Listen:Ops"] = $"http://127.0.0.1:{FreePort()}",
        };
        foreach (var (key, value) in settings)
        {
            own[key] = value;
        }
        return HubProcess.StartAsync(own);
    }

    /// <summary>Of a hub that runs as a process, so far.</summary>
    public TimeSpan ProcessorTime => ((HubProcess)_run).ProcessorTime;

    /// <summary>kill -9: no handler of the hub runs.</summary>
    public Task KillAsync() => ((HubProcess)_run).KillAsync();

    public Task AddAgencyAsync(
        string code,
        string? oldCode = null,
        AgencyReach reach = AgencyReach.Province,
        AgencyStatus status = AgencyStatus.Active,
        string kind = "office",
        X509Certificate2? certificate = null
    ) => RefreshedAsync(_registry.AddAgencyAsync(code, oldCode, reach, status, kind, certificate));

    public Task AddOfficeSystemAsync(
        string id,
        Door inbox,
        SignaturePolicy policy,
        params string[] agencies
    ) => RefreshedAsync(_registry.AddOfficeSystemAsync(id, inbox, policy, agencies));

    public Task AddOperatorAsync(string id, params string[] roles) =>
        RefreshedAsync(_registry.AddOperatorAsync(id, roles));

    public string SecretOf(string id) => _registry.SecretOf(id);

    public Task ChangeRegistryAsync(string sql, params object[] values) =>
        RefreshedAsync(_registry.ChangeAsync(sql, values));

    private async Task RefreshedAsync(Task change)
    {
        await change;
        await _run.RefreshRegistryAsync();
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A client without a token. Every answer is held against the contract.</summary>
    public HttpClient AnonymousClient(bool ops = false) =>
        new(new ContractHandler(Ops)) { BaseAddress = ops ? Ops : Http, Timeout = s_patience };

    /// <summary>A client with a token of its own, as an office system or an operator.</summary>
    /// <param name="id">Of the office system or operator.</param>
    /// <param name="ops">For the operations listener.</param>
    /// <param name="unchecked">Without the check against the contract, which a benchmark must not measure.</param>
    public async Task<HttpClient> ClientAsync(string id, bool ops = false, bool @unchecked = false)
    {
        var client = @unchecked
            ? new HttpClient { BaseAddress = ops ? Ops : Http, Timeout = Timeout.InfiniteTimeSpan }
            : AnonymousClient(ops);
        // A hub in another process learns of a new office system within a moment.
        var token = await Eventually.GetAsync(() => TryTokenAsync(client, id));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private async Task<string?> TryTokenAsync(HttpClient client, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Http, "oauth2/token"))
        {
            Content = new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    ["grant_type"] = "client_credentials",
                    ["client_id"] = id,
                    ["client_secret"] = _registry.SecretOf(id),
                }
            ),
        };
        using var response = await client.SendAsync(request);
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync<JsonElement>())
                .GetProperty("access_token")
                .GetString()
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        s_running.Remove(_servers);
        if (_run is not null)
        {
            await _run.StopAsync();
        }
        await Database.DisposeAsync();
        await _servers.DeleteVirtualHostAsync(Amqp);
        Directory.Delete(_folder, recursive: true);
    }

    // It is free again and again between two starts, so it is none that the system gives to others meanwhile.
    private static int FreePort() => LoopbackPorts.Choose(0, new HashSet<int>());
}
