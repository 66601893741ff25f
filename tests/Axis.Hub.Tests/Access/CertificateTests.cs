using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Axis.Hub.Operations.Doctor;
using Axis.LocalServers;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Tests.Access;

/// <summary>Mutual TLS on both doors: a real TLS listener of the hub, and one of RabbitMQ.</summary>
public sealed class CertificateTests
{
    private const string Subject = "CN=phan-mem-so, OU=\"Văn thư, lưu trữ\", O=Sở Nội vụ, C=VN";

    private string _folder = "";
    private BrokerAuthority _authority = null!;
    private TestHub _hub = null!;
    private X509Certificate2 _departments = null!;
    private X509Certificate2 _strangers = null!;

    [OneTimeSetUp]
    public async Task A_hub_with_a_certificate_of_its_own_and_one_of_an_office_system()
    {
        if (LocalServersSetUp.Servers.AmqpTlsPort == 0)
        {
            Assert.Ignore("These servers have no TLS listener.");
        }
        _folder = Directory.CreateTempSubdirectory("axis-tls-").FullName;
        _authority = BrokerAuthority.Load(LocalServersSetUp.Servers.AuthorityFile);
        using (
            var own = _authority.Issue(new X500DistinguishedName("CN=localhost"), isServer: true)
        )
        {
            await File.WriteAllTextAsync(InFolder("hub.pem"), own.ExportCertificatePem());
            await File.WriteAllTextAsync(InFolder("hub-key.pem"), BrokerAuthority.KeyPem(own));
        }
        _departments = _authority.Issue(new X500DistinguishedName(Subject));
        _strangers = _authority.Issue(new X500DistinguishedName("CN=nguoi-la, O=Elsewhere"));
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings:
            [
                ("Listen:Https", "https://127.0.0.1:0"),
                ("Listen:CertificateFile", InFolder("hub.pem")),
                ("Listen:CertificateKeyFile", InFolder("hub-key.pem")),
            ]
        );
        await _hub.AddOperatorAsync("dang-ky", "registrar");
        await RegisterAsync("department", _departments);
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
            _departments.Dispose();
            _strangers.Dispose();
            _authority.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Test]
    public async Task A_registered_certificate_gets_a_token_that_is_bound_to_it()
    {
        using var client = Client(_departments);
        var token = await TokenAsync(client, "department");
        Assert.That(token, Is.Not.Null);
        Assert.That(await InboxAsync(client, token!), Is.EqualTo(HttpStatusCode.OK));

        using var without = Client(null);
        using var anothers = Client(_strangers);
        Assert.That(
            await InboxAsync(without, token!),
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "stolen"
        );
        Assert.That(await InboxAsync(anothers, token!), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Only_the_registered_certificate_itself_will_do()
    {
        using var stranger = Client(_strangers);
        Assert.That(await TokenAsync(stranger, "department"), Is.Null, "not registered");
        using var owner = Client(_departments);
        Assert.That(await TokenAsync(owner, "office"), Is.Null, "another's id");
        using var namesake = _authority.Issue(new X500DistinguishedName(Subject));
        using var sameName = Client(namesake);
        Assert.That(await TokenAsync(sameName, "department"), Is.Null, "of the same name");
        using var none = Client(null);
        Assert.That(await TokenAsync(none, "department"), Is.Null, "no certificate at all");
    }

    [Test]
    public async Task A_registered_certificate_logs_in_to_the_broker_as_its_office_system()
    {
        await using (var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department"))
        {
            await department.WaitForQueuesAsync();
        }
        await using var connection = await ConnectAsync(_departments);
        await using var channel = await connection.CreateChannelAsync(new(true, true));
        await channel.BasicPublishAsync(
            "axis.submit",
            "submit.department",
            mandatory: true,
            new BasicProperties { MessageId = "by-certificate" },
            ReadOnlyMemory<byte>.Empty
        );
        // The hub answers an empty package on the event queue, which is the certificate's owner's to read.
        var answer = await Eventually.GetAsync(async () =>
            await channel.BasicGetAsync("axis.events.department", autoAck: true)
        );
        Assert.That(answer.BasicProperties.CorrelationId, Is.EqualTo("by-certificate"));

        await using var other = await connection.CreateChannelAsync(new(true, true));
        Assert.That(
            async () =>
                await other.BasicPublishAsync(
                    "axis.submit",
                    "submit.office",
                    mandatory: true,
                    ReadOnlyMemory<byte>.Empty
                ),
            Throws.InstanceOf<OperationInterruptedException>()
        );
    }

    [Test]
    public async Task A_certificate_of_nobody_does_not_log_in_to_the_broker()
    {
        await IsRefusedAsync(_strangers, "trusted by the broker, registered for nobody");
        using var likeTheHub = _authority.Issue(new X500DistinguishedName("CN=axis-hub"));
        await IsRefusedAsync(likeTheHub, "called like the hub's own account");
        using var likeASystem = _authority.Issue(new X500DistinguishedName("CN=office"));
        await IsRefusedAsync(likeASystem, "called like an office system");
        using var otherAuthority = BrokerAuthority.Create();
        using var forged = otherAuthority.Issue(new X500DistinguishedName(Subject));
        await IsRefusedAsync(forged, "of the right name, by another authority");
    }

    [Test]
    public async Task The_subject_as_a_user_name_with_a_password_is_no_login()
    {
        var factory = new ConnectionFactory
        {
            Uri = _hub.Amqp,
            UserName = Axis.Hub.Access.Keys.BrokerName.Of(_departments.SubjectName),
            Password = "",
            AutomaticRecoveryEnabled = false,
        };
        foreach (var password in (string[])["", "x", _hub.SecretOf("department")])
        {
            factory.Password = password;
            Assert.That(
                async () => await factory.CreateConnectionAsync(),
                Throws.InstanceOf<BrokerUnreachableException>(),
                password
            );
        }
    }

    [Test]
    public async Task A_subject_of_another_office_system_cannot_be_registered()
    {
        using var namesake = _authority.Issue(new X500DistinguishedName(Subject));
        Assert.That(await RegisterAsync("office", namesake), Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task A_revoked_certificate_loses_its_open_connection_and_both_doors()
    {
        using var certificate = _authority.Issue(new X500DistinguishedName("CN=xa, O=UBND xã"));
        await RegisterAsync("commune", certificate);
        await using var connection = await ConnectAsync(certificate);
        using var client = Client(certificate);
        var token = await TokenAsync(client, "commune");
        Assert.That(token, Is.Not.Null);
        Assert.That(await InboxAsync(client, token!), Is.EqualTo(HttpStatusCode.OK));

        using var registrar = await _hub.ClientAsync("dang-ky", ops: true);
        var thumbprint = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
        using var revoked = await registrar.DeleteAsync(
            new Uri($"ops/v1/client-keys/commune/{thumbprint}", UriKind.Relative)
        );
        Assert.That(revoked.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));

        // What it got before ends too, on the connection that shows the certificate.
        await Eventually.HoldsAsync(async () =>
            await InboxAsync(client, token!) == HttpStatusCode.Unauthorized
        );
        Assert.That(await TokenAsync(client, "commune"), Is.Null);
        await Eventually.HoldsAsync(() => Task.FromResult(!connection.IsOpen));
        // What the broker has cached may let it in for some seconds more, and it is thrown out again.
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await using var again = await ConnectAsync(certificate);
                return false;
            }
            catch (BrokerUnreachableException)
            {
                return true;
            }
        });
    }

    [Test]
    public async Task The_certificate_comes_with_the_chain_of_its_file_and_is_replaced_without_a_restart()
    {
        var before = (
            await File.ReadAllTextAsync(InFolder("hub.pem")),
            await File.ReadAllTextAsync(InFolder("hub-key.pem"))
        );
        using var root = new TestAuthority(TimeProvider.System.GetUtcNow(), "CN=Gốc");
        using var between = root.IssueAuthority("CN=Trung gian");
        using var own = between.Issue("localhost");
        using var key = own.GetRSAPrivateKey()!;
        try
        {
            await File.WriteAllTextAsync(InFolder("hub-key.pem"), key.ExportPkcs8PrivateKeyPem());
            await File.WriteAllTextAsync(
                InFolder("hub.pem"),
                $"{own.ExportCertificatePem()}\n{between.Certificate.ExportCertificatePem()}\n"
            );

            Assert.That(
                await ShownAsync(),
                Is.EqualTo(new[] { own.Thumbprint, between.Certificate.Thumbprint })
            );
        }
        finally
        {
            await File.WriteAllTextAsync(InFolder("hub-key.pem"), before.Item2);
            await File.WriteAllTextAsync(InFolder("hub.pem"), before.Item1);
        }
    }

    [Test]
    public async Task The_doctor_judges_the_certificate_that_the_hub_shows()
    {
        var examination = _hub
            .Services.GetServices<IExamination>()
            .OfType<CertificateExamination>()
            .Single();
        var found = await examination.ExamineAsync(CancellationToken.None);
        Assert.That(
            found.Single(one => one.Subject == "certificates.listener").Found,
            Does.StartWith("CN=localhost holds until")
        );

        var file = InFolder("hub.pem");
        var end = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(file)).NotAfter;
        Assert.That(
            CertificateExamination.OfListener(file, new DateTimeOffset(end).AddDays(1)).Health,
            Is.EqualTo(Health.Unsafe)
        );
        Assert.That(
            CertificateExamination.OfListener(InFolder("none.pem"), new DateTimeOffset(end)).Health,
            Is.EqualTo(Health.Unsafe)
        );
    }

    /// <summary>The thumbprints that the hub sends to who asks for TLS, in its order.</summary>
    private async Task<string[]> ShownAsync()
    {
        using var line = new TcpClient();
        await line.ConnectAsync(_hub.Https.Host, _hub.Https.Port);
        string[] shown = [];
        await using var tls = new SslStream(
            line.GetStream(),
            leaveInnerStreamOpen: false,
            (_, certificate, chain, _) =>
            {
                shown =
                [
                    ((X509Certificate2)certificate!).Thumbprint,
                    .. chain!
                        .ChainPolicy.ExtraStore.Select(one => one.Thumbprint)
                        .Where(one => one != ((X509Certificate2)certificate).Thumbprint),
                ];
                return true;
            }
        );
        await tls.AuthenticateAsClientAsync("localhost");
        return shown;
    }

    private string InFolder(string name) => Path.Combine(_folder, name);

    private async Task IsRefusedAsync(X509Certificate2 certificate, string why)
    {
        try
        {
            await using var connection = await ConnectAsync(certificate);
        }
        catch (BrokerUnreachableException)
        {
            return;
        }
        Assert.Fail(why);
    }

    private Task<IConnection> ConnectAsync(X509Certificate2 certificate) =>
        CertificateLogin.ToBroker(_hub.Amqp, certificate, _authority).CreateConnectionAsync();

    private HttpClient Client(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = CertificateLogin.IsOf(_authority),
                ClientCertificates = certificate is null
                    ? null
                    : [CertificateLogin.Usable(certificate)],
            },
        };
        return new HttpClient(handler) { BaseAddress = _hub.Https };
    }

    private async Task<HttpStatusCode> RegisterAsync(string system, X509Certificate2 certificate)
    {
        using var registrar = await _hub.ClientAsync("dang-ky", ops: true);
        using var response = await registrar.PostAsJsonAsync(
            new Uri($"ops/v1/client-keys/{system}", UriKind.Relative),
            new { pem = certificate.ExportCertificatePem() }
        );
        return response.StatusCode;
    }

    private static async Task<string?> TokenAsync(HttpClient client, string id)
    {
        using var content = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
            }
        );
        using var response = await client.PostAsync(
            new Uri("oauth2/token", UriKind.Relative),
            content
        );
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync<JsonElement>())
                .GetProperty("access_token")
                .GetString()
            : null;
    }

    private static async Task<HttpStatusCode> InboxAsync(HttpClient client, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/inbox");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }
}
