using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Axis.Hub.Access;
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
    private readonly Dictionary<string, string?> _settings;
    private readonly SharedTestServers _servers;
    private readonly TimeProvider? _clock;
    private readonly string _folder;
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);
    private readonly bool _asProcess;
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
        Database = NpgsqlDataSource.Create(settings["Storage:ConnectionString"]!);
    }

    public NpgsqlDataSource Database { get; }

    /// <summary>The virtual host, as the administrator reaches it.</summary>
    public Uri Amqp { get; }

    public Uri Http { get; private set; } = null!;

    public Uri Ops { get; }

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
            // A process keeps its address over restarts; in this process any free port will do.
            ["Listen:Http"] = $"http://127.0.0.1:{(asProcess ? FreePort() : 0)}",
            ["Listen:Ops"] = $"http://127.0.0.1:{servers.BrokerAuthPort}",
            ["Access:SigningKeyFile"] = Path.Combine(folder, "token-key.pem"),
            ["Access:BrokerVirtualHost"] = Uri.UnescapeDataString(amqp.AbsolutePath.TrimStart('/')),
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }
        var hub = new TestHub(servers, all, clock, asProcess, folder, amqp);
        await hub.RunAsync();
        return hub;
    }

    /// <summary>Stops the hub as a restart would, and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await _run.StopAsync();
        await RunAsync();
    }

    public async Task RunAsync()
    {
        _run = _asProcess
            ? await HubProcess.StartAsync(_settings)
            : await HubInProcess.StartAsync(_settings, _clock);
        Http = _run.Http;
    }

    /// <summary>kill -9: no handler of the hub runs.</summary>
    public Task KillAsync() => ((HubProcess)_run).KillAsync();

    public Task AddAgencyAsync(
        string code,
        string? oldCode = null,
        AgencyReach reach = AgencyReach.Province,
        AgencyStatus status = AgencyStatus.Active,
        string kind = "office",
        X509Certificate2? certificate = null
    ) =>
        ChangeRegistryAsync(
            """
            WITH new AS (
                INSERT INTO agency (id, name, reach, status, kind)
                VALUES ($1, $2, $3, $4, $5) RETURNING id
            ),
            codes AS (
                INSERT INTO agency_code (code, agency_id, is_primary)
                SELECT c.code, new.id, c.is_primary
                FROM new, (VALUES ($6, true), ($7, false)) AS c (code, is_primary) WHERE c.code <> ''
            )
            INSERT INTO certificate (agency_id, thumbprint, der, subject, not_before, not_after)
            SELECT new.id, sha256($8), $8, $9, $10, $11 FROM new WHERE length($8) > 0
            """,
            Guid.CreateVersion7(),
            "Cơ quan " + code,
            reach == AgencyReach.National ? "national" : "province",
            status.ToString().ToLowerInvariant(),
            kind,
            code,
            oldCode ?? "",
            certificate?.RawData ?? [],
            certificate?.Subject ?? "",
            new DateTimeOffset(certificate?.NotBefore ?? DateTime.UnixEpoch).ToUniversalTime(),
            new DateTimeOffset(certificate?.NotAfter ?? DateTime.UnixEpoch).ToUniversalTime()
        );

    public async Task AddOfficeSystemAsync(
        string id,
        Door inbox,
        SignaturePolicy policy,
        params string[] agencies
    )
    {
        var secret = ClientSecrets.Create();
        _secrets[id] = secret;
        await ChangeRegistryAsync(
            """
            WITH new AS (
                INSERT INTO office_system (id, name, inbox_door, signature_policy)
                VALUES ($1, $2, $3, $4) RETURNING id
            ),
            credentials AS (
                INSERT INTO credential (id, office_system_id, secret_sha256)
                SELECT $5, new.id, $6 FROM new
            )
            INSERT INTO office_system_agency (agency_id, office_system_id)
            SELECT c.agency_id, new.id FROM new, agency_code c WHERE c.code = ANY($7)
            """,
            id,
            "Phần mềm " + id,
            DoorNames.Of(inbox),
            policy.ToString().ToLowerInvariant(),
            Guid.CreateVersion7(),
            SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)),
            agencies
        );
    }

    public async Task AddOperatorAsync(string id, params string[] roles)
    {
        var secret = ClientSecrets.Create();
        _secrets[id] = secret;
        await ChangeRegistryAsync(
            """
            WITH new AS (INSERT INTO operator (id, name, roles) VALUES ($1, $1, $2) RETURNING id)
            INSERT INTO credential (id, operator_id, secret_sha256) SELECT $3, new.id, $4 FROM new
            """,
            id,
            roles,
            Guid.CreateVersion7(),
            SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret))
        );
    }

    public string SecretOf(string id) => _secrets[id];

    public async Task ChangeRegistryAsync(string sql, params object[] values)
    {
        await using (var command = Database.CreateCommand(sql))
        {
            foreach (var value in values)
            {
                command.Parameters.Add(new() { Value = value });
            }
            await command.ExecuteNonQueryAsync();
        }
        await _run.RefreshRegistryAsync();
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A client without a token. Every answer is held against the contract.</summary>
    public HttpClient AnonymousClient(bool ops = false) =>
        new(new ContractHandler(Ops)) { BaseAddress = ops ? Ops : Http };

    /// <summary>A client with a token of its own, as an office system or an operator.</summary>
    /// <param name="id">Of the office system or operator.</param>
    /// <param name="ops">For the operations listener.</param>
    /// <param name="unchecked">Without the check against the contract, which a benchmark must not measure.</param>
    public async Task<HttpClient> ClientAsync(string id, bool ops = false, bool @unchecked = false)
    {
        var client = @unchecked
            ? new HttpClient { BaseAddress = ops ? Ops : Http }
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
                    ["client_secret"] = _secrets[id],
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
        await _run.StopAsync();
        await Database.DisposeAsync();
        await _servers.DeleteVirtualHostAsync(Amqp);
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
