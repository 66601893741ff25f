using System.Net;
using Axis.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Tests.Access;

/// <summary>Limits and networks of an office system, on both doors.</summary>
public sealed class LimitTests
{
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub() =>
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);

    [OneTimeTearDown]
    public async Task Stop_the_hub() => await _hub.DisposeAsync();

    [TearDown]
    public Task No_limits() =>
        _hub.ChangeRegistryAsync(
            """
            UPDATE office_system SET requests_per_minute = NULL, max_connections = NULL, max_package_bytes = NULL,
                allowed_networks = '{}'
            """
        );

    [Test]
    public async Task Beyond_the_limit_the_answer_says_when_to_come_back()
    {
        using var office = await _hub.ClientAsync("office");
        // One request in a minute: however slow this test is, the second comes within it or is let in by right.
        await LimitAsync("office", "requests_per_minute = 1");

        using var first = await office.GetAsync(new Uri("v1/inbox", UriKind.Relative));
        Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Header(first, "RateLimit-Limit"), Is.EqualTo(1));
        Assert.That(Header(first, "RateLimit-Remaining"), Is.Zero);
        var refused = await Eventually.GetAsync(async () =>
        {
            using var again = await office.GetAsync(new Uri("v1/inbox", UriKind.Relative));
            return again.StatusCode == HttpStatusCode.TooManyRequests
                ? Tuple.Create(again.Headers.RetryAfter, await again.Content.ReadAsStringAsync())
                : null;
        });
        Assert.That(refused.Item1!.Delta!.Value.TotalSeconds, Is.InRange(1, 60));
        Assert.That(refused.Item2, Does.Contain("AXIS-6010"));

        using var commune = await _hub.ClientAsync("commune");
        Assert.That(
            (await commune.GetAnswerAsync("v1/inbox")).Status,
            Is.EqualTo(HttpStatusCode.OK),
            "another office system has its own"
        );
    }

    [Test]
    public async Task A_submission_over_the_quota_waits_on_the_broker_and_is_not_lost()
    {
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync();
        await LimitAsync("department", "requests_per_minute = 30");
        using (var spending = await _hub.ClientAsync("department"))
        {
            // The bucket is one for both doors.
            while (
                (await spending.GetAnswerAsync("v1/inbox")).Status != HttpStatusCode.TooManyRequests
            ) { }
        }
        var letters = Enumerable
            .Range(0, 2)
            .Select(_ => new Letter(TestProvince.Department, TestProvince.Commune))
            .ToArray();
        var messages = new List<string>();
        foreach (var letter in letters)
        {
            messages.Add(await department.SubmitAsync(letter.Signed()));
        }
        // Others are not held up by it.
        using var office = await _hub.ClientAsync("office");
        Assert.That(
            (
                await office.SubmitAsync(
                    new Letter(TestProvince.Office, TestProvince.Commune).Signed()
                )
            ).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );

        foreach (var message in messages)
        {
            Assert.That((await department.AnswerToAsync(message)).Type, Is.EqualTo("axis.receipt"));
        }
        foreach (var letter in letters)
        {
            Assert.That(
                await _hub.CountAsync(
                    $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'"
                ),
                Is.EqualTo(1)
            );
        }
    }

    [Test]
    public async Task Requests_at_a_time_are_bounded()
    {
        using var commune = await _hub.ClientAsync("commune");
        await LimitAsync("commune", "max_connections = 1");
        using var stop = new CancellationTokenSource();
        // A long poll on an empty inbox holds the one place.
        var polling = Enumerable
            .Range(0, 2)
            .Select(_ =>
                commune.GetAsync(new Uri("v1/events?wait=55", UriKind.Relative), stop.Token)
            )
            .ToArray();
        using var first = await await Task.WhenAny(polling);
        Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(await first.Content.ReadAsStringAsync(), Does.Contain("AXIS-6011"));
        await stop.CancelAsync();
    }

    [Test]
    public async Task A_package_larger_than_its_own_limit_is_refused()
    {
        using var office = await _hub.ClientAsync("office");
        await LimitAsync("office", "max_package_bytes = 2000");
        var answer = await office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
            {
                AttachmentBytes = 5000,
            }.Signed()
        );
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    public async Task It_is_refused_over_AMQP_and_in_pieces_as_well()
    {
        using var office = await _hub.ClientAsync("office");
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync();
        await LimitAsync("department", "max_package_bytes = 2000");
        var message = await department.SubmitAsync(
            new Letter(TestProvince.Department, TestProvince.Commune).Signed()
        );
        var answer = await department.AnswerToAsync(message);
        Assert.That(answer.Type, Is.EqualTo("axis.problem"));
        Assert.That(answer.Json.GetProperty("status").GetInt32(), Is.EqualTo(413));

        await LimitAsync("office", "max_package_bytes = 2000");
        using var announced = new HttpRequestMessage(HttpMethod.Post, "v1/uploads");
        announced.Headers.Add("Tus-Resumable", "1.0.0");
        announced.Headers.Add("Upload-Length", "2001");
        using var refused = await office.SendAsync(announced);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("2000"));
    }

    [Test]
    public async Task From_another_network_neither_door_opens()
    {
        using var office = await _hub.ClientAsync("office");
        await LimitAsync("office", "allowed_networks = '{10.9.0.0/16}'");

        var answer = await office.GetAnswerAsync("v1/inbox");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-2009" }));
        Assert.That(await TokenAsync("office"), Does.Contain("AXIS-2009"));
        var factory = new ConnectionFactory
        {
            Uri = _hub.Amqp,
            UserName = "office",
            Password = _hub.SecretOf("office"),
            AutomaticRecoveryEnabled = false,
        };
        Assert.That(
            async () =>
            {
                await using var connection = await factory.CreateConnectionAsync();
                await using var channel = await connection.CreateChannelAsync();
            },
            Throws
                .InstanceOf<OperationInterruptedException>()
                .Or.InstanceOf<BrokerUnreachableException>()
        );

        await LimitAsync("office", "allowed_networks = '{10.9.0.0/16,127.0.0.0/8,::1/128}'");
        Assert.That(
            (await office.GetAnswerAsync("v1/inbox")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
    }

    [Test]
    public async Task An_address_that_a_stranger_makes_up_is_not_believed()
    {
        // The tests come from loopback, a known proxy: what it says is believed, and only the last hop.
        using var office = await _hub.ClientAsync("office");
        await LimitAsync("office", "allowed_networks = '{10.9.0.0/16}'");
        using var honest = new HttpRequestMessage(HttpMethod.Get, "v1/inbox");
        honest.Headers.Add("X-Forwarded-For", "10.9.1.1");
        using var let = await office.SendAsync(honest);
        Assert.That(let.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var forged = new HttpRequestMessage(HttpMethod.Get, "v1/inbox");
        forged.Headers.Add("X-Forwarded-For", "10.9.1.1, 203.0.113.7");
        using var refused = await office.SendAsync(forged);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    private Task LimitAsync(string id, string limit) =>
        _hub.ChangeRegistryAsync($"UPDATE office_system SET {limit} WHERE id = '{id}'");

    private async Task<string> TokenAsync(string id)
    {
        using var client = _hub.AnonymousClient();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
                ["client_secret"] = _hub.SecretOf(id),
            }
        );
        using var response = await client.PostAsync(
            new Uri("oauth2/token", UriKind.Relative),
            form
        );
        return await response.Content.ReadAsStringAsync();
    }

    private static int Header(HttpResponseMessage response, string name) =>
        int.Parse(
            response.Headers.GetValues(name).Single(),
            System.Globalization.CultureInfo.InvariantCulture
        );
}
