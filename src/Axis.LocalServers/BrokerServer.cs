using System.Net;
using System.Net.Sockets;
using Axis.LocalServers.Processes;

namespace Axis.LocalServers;

/// <summary>One private RabbitMQ, which asks the hub who may do what.</summary>
internal sealed class BrokerServer(
    string programs,
    string serverFolder,
    ServerState state,
    bool withManagement,
    IReadOnlyDictionary<string, string>? environment = null,
    BrokerMember? member = null
)
{
    public const string User = "axis-hub";
    private const int MaxMessageBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

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
        var plugins = withManagement
            ? "[rabbitmq_auth_backend_http,rabbitmq_auth_backend_cache,rabbitmq_management]."
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
                    ["RABBITMQ_NODENAME"] = member?.Name ?? "axis@localhost",
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

    private string Management() =>
        $"""
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {state.ManagementPort}
            """;
}
