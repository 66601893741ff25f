using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Registry;
using Axis.LocalServers;
using Axis.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Tests.Access.Matrix;

/// <summary>
/// What each kind of caller may do on the broker, asked of the broker itself; the answers are the table
/// <c>amqp.txt</c>.
/// </summary>
public sealed class AmqpMatrixTests
{
    private static readonly MatrixTable s_table = MatrixTable.Load("amqp.txt");

    /// <summary>The operations. <c>me</c> is the caller's id, <c>them</c> another office system's.</summary>
    private static readonly Dictionary<string, Func<IChannel, string, string, Task>> s_operations =
        new()
        {
            ["log in"] = (_, _, _) => Task.CompletedTask,
            ["publish submit.<own>"] = (channel, me, _) => PublishAsync(channel, $"submit.{me}"),
            ["publish ack.<own>"] = (channel, me, _) => PublishAsync(channel, $"ack.{me}"),
            ["publish submit.<another>"] = (channel, _, them) =>
                PublishAsync(channel, $"submit.{them}"),
            ["publish ack.<another>"] = (channel, _, them) => PublishAsync(channel, $"ack.{them}"),
            ["publish submit.<own>.more"] = (channel, me, _) =>
                PublishAsync(channel, $"submit.{me}.more"),
            ["publish with another's user-id"] = (channel, me, them) =>
                PublishAsync(channel, $"submit.{me}", userId: them),
            ["publish to another's inbox by default exchange"] = (channel, _, them) =>
                PublishAsync(channel, $"axis.inbox.{them}", exchange: ""),
            ["publish to the hub's queue by default exchange"] = (channel, _, _) =>
                PublishAsync(channel, "axis.submissions", exchange: ""),
            ["consume own inbox"] = (channel, me, _) => ConsumeAsync(channel, $"axis.inbox.{me}"),
            ["consume own urgent inbox"] = (channel, me, _) =>
                ConsumeAsync(channel, $"axis.inbox.{me}.urgent"),
            ["consume own events"] = (channel, me, _) => ConsumeAsync(channel, $"axis.events.{me}"),
            ["get from another's inbox"] = (channel, _, them) =>
                channel.BasicGetAsync($"axis.inbox.{them}", autoAck: true),
            ["consume another's inbox"] = (channel, _, them) =>
                ConsumeAsync(channel, $"axis.inbox.{them}"),
            ["consume another's events"] = (channel, _, them) =>
                ConsumeAsync(channel, $"axis.events.{them}"),
            ["consume the hub's submissions"] = (channel, _, _) =>
                ConsumeAsync(channel, "axis.submissions"),
            ["consume the dead letters"] = (channel, _, _) =>
                ConsumeAsync(channel, "axis.submissions.dead"),
            ["declare a queue"] = (channel, me, _) =>
                channel.QueueDeclareAsync($"axis.inbox.{me}.mine", true, false, false),
            ["declare an exclusive queue"] = (channel, _, _) =>
                channel.QueueDeclareAsync("", false, true, true),
            ["declare an exchange"] = (channel, me, _) =>
                channel.ExchangeDeclareAsync($"axis.{me}", ExchangeType.Topic),
            ["bind own inbox to the submit exchange"] = (channel, me, _) =>
                channel.QueueBindAsync($"axis.inbox.{me}", "axis.submit", "submit.#"),
            ["purge own inbox"] = (channel, me, _) => channel.QueuePurgeAsync($"axis.inbox.{me}"),
            ["delete own inbox"] = (channel, me, _) =>
                channel.QueueDeleteAsync($"axis.inbox.{me}", false, false),
            ["delete another's inbox"] = (channel, _, them) =>
                channel.QueueDeleteAsync($"axis.inbox.{them}", false, false),
            ["enter another virtual host"] = (_, _, _) => Task.CompletedTask,
        };

    private TestHub _hub = null!;
    private BrokerAuthority? _authority;
    private readonly Dictionary<string, X509Certificate2> _certificates = [];

    [OneTimeSetUp]
    public async Task A_province_with_every_kind_of_caller()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await AddAsync("closed", TestProvince.Closed);
        await AddAsync("locked", TestProvince.Unconnected);
        await AddAsync("removed", TestProvince.Locked);
        await _hub.AddOperatorAsync("the-operator", "operator", "viewer");
        foreach (var id in (string[])["department", "closed", "office"])
        {
            await using var system = await AmqpOfficeSystem.ConnectAsync(_hub, id);
            await system.WaitForQueuesAsync();
        }
        await _hub.ChangeRegistryAsync(
            "UPDATE office_system SET status = 'locked' WHERE id = 'locked'"
        );
        await _hub.ChangeRegistryAsync("DELETE FROM credential WHERE office_system_id = 'removed'");
        await _hub.ChangeRegistryAsync(
            "DELETE FROM office_system_agency WHERE office_system_id = 'removed'"
        );
        await _hub.ChangeRegistryAsync(
            "DELETE FROM signature_policy WHERE office_system_id = 'removed'"
        );
        await _hub.ChangeRegistryAsync("DELETE FROM office_system WHERE id = 'removed'");
        if (LocalServersSetUp.Servers.AmqpTlsPort != 0)
        {
            await MakeCertificatesAsync();
        }
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        await _hub.DisposeAsync();
        foreach (var certificate in _certificates.Values)
        {
            certificate.Dispose();
        }
        _authority?.Dispose();
    }

    [Test]
    public void The_table_has_every_operation_and_no_other() =>
        Assert.That(s_table.Keys, Is.EquivalentTo(s_operations.Keys));

    [TestCase("wrong")]
    [TestCase("token")]
    [TestCase("own")]
    [TestCase("locked")]
    [TestCase("closed")]
    [TestCase("operator")]
    [TestCase("removed")]
    [TestCase("cert")]
    [TestCase("stranger")]
    [TestCase("revoked")]
    [TestCase("cert-locked")]
    public async Task The_broker_answers_every_caller_as_the_table_says(string caller)
    {
        if (caller is "cert" or "stranger" or "revoked" or "cert-locked" && _authority is null)
        {
            Assert.Ignore("These servers have no TLS listener.");
        }
        var (id, secret) = await WhoIsAsync(caller);
        var answers = new List<string>();
        var expected = new List<string>();
        foreach (var (operation, run) in s_operations)
        {
            expected.Add($"{operation}: {s_table.Cell(operation, caller)}");
            answers.Add(
                $"{operation}: {await TryAsync(operation, run, id, FactoryOf(caller, operation, id, secret))}"
            );
        }
        Assert.That(answers, Is.EqualTo(expected));
    }

    private Task AddAsync(string id, string agency) =>
        _hub.AddOfficeSystemAsync(id, Door.Amqp, SignaturePolicy.Record, agency);

    private async Task<(string Id, string Secret)> WhoIsAsync(string caller)
    {
        switch (caller)
        {
            case "wrong":
                return ("department", "wrong-secret");
            case "token":
                using (var client = await _hub.ClientAsync("department"))
                {
                    return ("department", client.DefaultRequestHeaders.Authorization!.Parameter!);
                }
            case "own":
                return ("department", _hub.SecretOf("department"));
            case "cert" or "stranger" or "revoked":
                return ("department", "");
            case "cert-locked":
                return ("locked", "");
            case "operator":
                return ("the-operator", _hub.SecretOf("the-operator"));
            default:
                return (caller, _hub.SecretOf(caller));
        }
    }

    private ConnectionFactory FactoryOf(string caller, string operation, string id, string secret)
    {
        var host =
            operation == "enter another virtual host"
                ? new UriBuilder(_hub.Amqp) { Path = "/%2f" }.Uri
                : _hub.Amqp;
        return _certificates.TryGetValue(caller, out var certificate)
            ? CertificateLogin.ToBroker(host, certificate, _authority!)
            : new ConnectionFactory
            {
                Uri = host,
                UserName = id,
                Password = secret,
                AutomaticRecoveryEnabled = false,
            };
    }

    /// <summary>
    /// All of the broker's own authority, which is all that RabbitMQ asks: one registered for the department, one of
    /// nobody, one that was the department's and is revoked, and one of a locked office system.
    /// </summary>
    private async Task MakeCertificatesAsync()
    {
        _authority = BrokerAuthority.Load(LocalServersSetUp.Servers.AuthorityFile);
        await _hub.AddOperatorAsync("the-registrar", "registrar");
        using var registrar = await _hub.ClientAsync("the-registrar", ops: true);
        foreach (
            var (caller, system) in ((string, string?)[])
                [
                    ("cert", "department"),
                    ("stranger", null),
                    ("revoked", "department"),
                    ("cert-locked", "locked"),
                ]
        )
        {
            var certificate = _authority.Issue(
                new X500DistinguishedName($"CN={caller}, O=Bảng quyền")
            );
            _certificates.Add(caller, certificate);
            if (system is null)
            {
                continue;
            }
            using var added = await registrar.PostAsJsonAsync(
                $"ops/v1/client-keys/{system}",
                new { pem = certificate.ExportCertificatePem() }
            );
            added.EnsureSuccessStatusCode();
        }
        var thumbprint = Convert.ToHexStringLower(
            SHA256.HashData(_certificates["revoked"].RawData)
        );
        using var gone = await registrar.DeleteAsync(
            new Uri($"ops/v1/client-keys/department/{thumbprint}", UriKind.Relative)
        );
        gone.EnsureSuccessStatusCode();
    }

    private async Task<string> TryAsync(
        string operation,
        Func<IChannel, string, string, Task> run,
        string id,
        ConnectionFactory factory
    )
    {
        IConnection connection;
        try
        {
            connection = await factory.CreateConnectionAsync();
        }
        catch (BrokerUnreachableException)
        {
            return "no login";
        }
        await using (connection)
        {
            IChannel channel;
            try
            {
                // The broker has said yes to the login; whether to the virtual host shows here.
                channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
            }
            catch (OperationInterruptedException)
            {
                return "no login";
            }
            await using (channel)
            {
                try
                {
                    await run(channel, id, "commune");
                    return "done";
                }
                catch (OperationInterruptedException)
                {
                    return "denied";
                }
            }
        }
    }

    private static async Task PublishAsync(
        IChannel channel,
        string routingKey,
        string exchange = "axis.submit",
        string? userId = null
    )
    {
        var properties = new BasicProperties { MessageId = Guid.CreateVersion7().ToString() };
        if (userId is not null)
        {
            properties.UserId = userId;
        }
        await channel.BasicPublishAsync(
            exchange,
            routingKey,
            mandatory: true,
            properties,
            ReadOnlyMemory<byte>.Empty
        );
    }

    private static async Task ConsumeAsync(IChannel channel, string queue) =>
        await channel.BasicConsumeAsync(
            queue,
            autoAck: false,
            new AsyncEventingBasicConsumer(channel)
        );
}
