using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Axis.LocalServers.Processes;

namespace Axis.LocalServers;

/// <summary>One private RabbitMQ, which asks the hub who may do what.</summary>
internal sealed class BrokerServer(
    string programs,
    string serverFolder,
    ServerState state,
    bool withManagement,
    string authorityFile,
    IReadOnlyDictionary<string, string>? environment = null,
    BrokerMember? member = null
)
{
    public const string User = "axis-hub";
    public const string AuthorityFileName = "authority.pem";
    private const int MaxMessageBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private readonly string _folder = Path.Combine(serverFolder, "rabbitmq");
    private readonly string? _account = Accounts.For("rabbitmq");

    public string LogFile => Path.Combine(_folder, "rabbitmq.log");

    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await Accounts.MakeFolderAsync(_folder, _account, cancellation);
        await Accounts.WriteFileAsync(
            Path.Combine(_folder, "rabbitmq.conf"),
            Configuration(),
            _account,
            cancellation
        );
        if (member is not null)
        {
            var cookie = Path.Combine(_folder, ".erlang.cookie");
            await Accounts.WriteFileAsync(cookie, member.Cookie, _account, cancellation);
        }
        if (withManagement)
        {
            await PrepareTlsAsync(cancellation);
        }
        var plugins = withManagement
            ? "[rabbitmq_auth_backend_http,rabbitmq_auth_backend_cache,rabbitmq_auth_mechanism_ssl,rabbitmq_management]."
            : "[rabbitmq_auth_backend_http,rabbitmq_auth_backend_cache].";
        await Accounts.WriteFileAsync(
            Path.Combine(_folder, "enabled_plugins"),
            plugins,
            _account,
            cancellation
        );
    }

    public SupervisedProcess Start(bool detached)
    {
        // Erlang's port mapper would outlive the node as a daemon; started first, in this session, it goes with it.
        // A cluster has one for all its nodes, which outlives each of them.
        var script = member is null
            ? $"epmd -port {state.PortMapperPort} -address 127.0.0.1 & exec \"$0\""
            : "exec \"$0\"";
        return SupervisedProcess.Start(
            new ServerCommand(
                _account,
                "TERM",
                LogFile,
                detached,
                ["bash", "-c", script, Path.Combine(programs, "rabbitmq-server")],
                new Dictionary<string, string>(environment ?? new Dictionary<string, string>())
                {
                    ["HOME"] = _folder,
                    ["LC_ALL"] = "C.UTF-8",
                    // Makes the script become the node, so that signals reach it and no second shell waits beside ours.
                    ["RUNNING_UNDER_SYSTEMD"] = "true",
                    ["RABBITMQ_NODENAME"] = NodeName,
                    ["RABBITMQ_NODE_PORT"] = $"{state.AmqpPort}",
                    ["RABBITMQ_DIST_PORT"] = $"{state.ErlangPort}",
                    ["ERL_EPMD_PORT"] = $"{state.PortMapperPort}",
                    ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                    ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
                    ["RABBITMQ_LOG_BASE"] = _folder,
                    ["RABBITMQ_LOGS"] = "-",
                    ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
                    ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
                    ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(_folder, "advanced.config"),
                    ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
                    // Idle Erlang schedulers spin before they sleep, which takes the processor from their neighbours.
                    ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                        "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
                }
            )
        );
    }

    /// <summary>Takes a quorum queue's Raft process away, or lets it answer nothing; the queue stays declared.</summary>
    public Task BreakQueueAsync(string virtualHost, string queue, QueueHarm harm)
    {
        var process = ProcessOf(virtualHost, queue);
        return EvaluateAsync(
            harm == QueueHarm.LosesItsProcess
                ? $"ok = ra:stop_server(quorum_queues, {{{process}, node()}})."
                : $"ok = sys:suspend(whereis({process})).",
            CancellationToken.None
        );
    }

    /// <summary>A queue that hangs answers again, late: what stood before it is done now.</summary>
    public Task LetQueueAnswerAsync(string virtualHost, string queue) =>
        EvaluateAsync(
            $"ok = sys:resume(whereis({ProcessOf(virtualHost, queue)})).",
            CancellationToken.None
        );

    // The name under which RabbitMQ registers the process of a quorum queue.
    private static string ProcessOf(string virtualHost, string queue) =>
        $"'{virtualHost.Replace("/", "%2F", StringComparison.Ordinal)}_{queue}'";

    private Task EvaluateAsync(string expression, CancellationToken cancellation) =>
        ShortCommand.RunAsync(
            [
                .. Accounts.Prefix(_account),
                Path.Combine(programs, "rabbitmqctl"),
                "--node",
                NodeName,
                "eval",
                expression,
            ],
            new Dictionary<string, string>
            {
                ["HOME"] = _folder,
                ["LC_ALL"] = "C.UTF-8",
                ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
                ["ERL_EPMD_PORT"] = $"{state.PortMapperPort}",
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            },
            cancellation
        );

    private string NodeName => member?.Name ?? "axis@localhost";

    /// <summary>The listener opens as the last step of the node's start; a greeting proves that it serves.</summary>
    public async Task WaitUntilReadyAsync(
        ProcessIdentity supervisor,
        CancellationToken cancellation
    )
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await GreetsAsync(cancellation))
        {
            if (!supervisor.IsAlive || TimeProvider.System.GetElapsedTime(start) > StartLimit)
            {
                throw new PrivateServersException($"RabbitMQ did not start. Its log: {LogFile}.");
            }

            await Task.Delay(50, cancellation);
        }
    }

    /// <summary>Sends the protocol header of AMQP 0-9-1 and expects a method frame (Connection.Start).</summary>
    private async Task<bool> GreetsAsync(CancellationToken cancellation)
    {
        using var socket = new Socket(
            AddressFamily.InterNetwork,
            SocketType.Stream,
            ProtocolType.Tcp
        );
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, state.AmqpPort, cancellation);
            await socket.SendAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), cancellation);
            var first = new byte[1];
            return await socket.ReceiveAsync(first, cancellation) == 1 && first[0] == 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // The default user is made at the first start only and takes the place of guest.
    private string Configuration() =>
        $"""
            listeners.tcp.local = 127.0.0.1:{state.AmqpPort}
            default_vhost = /
            default_user = {User}
            default_pass = {state.BrokerPassword}
            default_user_tags.administrator = true
            default_permissions.configure = .*
            default_permissions.read = .*
            default_permissions.write = .*
            max_message_size = {MaxMessageBytes}
            log.console.level = warning

            auth_backends.1 = internal
            auth_backends.2 = rabbit_auth_backend_cache
            auth_cache.cached_backend = http
            auth_cache.cache_ttl = 5000
            auth_http.http_method = post
            auth_http.user_path = http://127.0.0.1:{state.BrokerAuthPort}/broker-auth/user
            auth_http.vhost_path = http://127.0.0.1:{state.BrokerAuthPort}/broker-auth/vhost
            auth_http.resource_path = http://127.0.0.1:{state.BrokerAuthPort}/broker-auth/resource
            auth_http.topic_path = http://127.0.0.1:{state.BrokerAuthPort}/broker-auth/topic
            {(withManagement ? Management() : "")}
            {(member is null ? "" : Cluster(member))}
            """;

    // A node that sees fewer than half of the others stops to serve, so that no two halves go on by themselves.
    private static string Cluster(BrokerMember member) =>
        "cluster_partition_handling = pause_minority\n"
        + "cluster_formation.peer_discovery_backend = classic_config\n"
        + string.Join(
            '\n',
            member.Nodes.Select(
                (node, i) => $"cluster_formation.classic_config.nodes.{i + 1} = {node}"
            )
        );

    // Clients that show a certificate of the authority are known by its whole subject (SASL EXTERNAL).
    private string Management() =>
        $"""
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {state.ManagementPort}
            listeners.ssl.local = 127.0.0.1:{state.AmqpTlsPort}
            ssl_options.cacertfile = {Path.Combine(_folder, "ca.pem")}
            ssl_options.certfile = {Path.Combine(_folder, "server.pem")}
            ssl_options.keyfile = {Path.Combine(_folder, "server-key.pem")}
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = false
            ssl_cert_login_from = distinguished_name
            auth_mechanisms.1 = PLAIN
            auth_mechanisms.2 = EXTERNAL
            """;

    private async Task PrepareTlsAsync(CancellationToken cancellation)
    {
        if (!File.Exists(authorityFile))
        {
            using var made = BrokerAuthority.Create();
            await Accounts.WriteFileAsync(authorityFile, made.ToPem(), null, cancellation);
        }
        using var authority = BrokerAuthority.Load(authorityFile);
        using var server = authority.Issue(
            new X500DistinguishedName("CN=localhost"),
            isServer: true
        );
        foreach (
            var (name, content) in ((string, string)[])
                [
                    ("ca.pem", authority.CertificatePem),
                    ("server.pem", server.ExportCertificatePem()),
                    ("server-key.pem", BrokerAuthority.KeyPem(server)),
                ]
        )
        {
            await Accounts.WriteFileAsync(
                Path.Combine(_folder, name),
                content,
                _account,
                cancellation
            );
        }
    }
}
