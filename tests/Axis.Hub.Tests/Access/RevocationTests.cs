using System.Net;
using Axis.Hub.Broker;
using Axis.Hub.Registry;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Tests.Access;

/// <summary>Whoever loses access loses it on both doors, open connections included.</summary>
public sealed class RevocationTests
{
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub() =>
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);

    [OneTimeTearDown]
    public async Task Stop_the_hub() => await _hub.DisposeAsync();

    [TestCase("locked", "UPDATE office_system SET status = 'locked' WHERE id = $1")]
    [TestCase(
        "secret-ended",
        "UPDATE credential SET not_after = now() WHERE office_system_id = $1"
    )]
    [TestCase("secret-deleted", "DELETE FROM credential WHERE office_system_id = $1")]
    public async Task The_open_AMQP_connection_is_closed_and_no_new_one_is_let_in(
        string id,
        string change
    )
    {
        await _hub.AddOfficeSystemAsync(
            id,
            Door.Amqp,
            SignaturePolicy.Record,
            TestProvince.Unconnected
        );
        await using var connection = await ConnectAsync(id);
        using var client = await _hub.ClientAsync(id);
        Assert.That(
            (await client.GetAnswerAsync("v1/inbox")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );

        await _hub.ChangeRegistryAsync(change, id);

        // The token that it has, not only a new one.
        Assert.That(
            (await client.GetAnswerAsync("v1/inbox")).Status,
            Is.EqualTo(id == "locked" ? HttpStatusCode.Forbidden : HttpStatusCode.Unauthorized)
        );
        await Eventually.HoldsAsync(() => Task.FromResult(!connection.IsOpen));
        Assert.That(connection.CloseReason!.ReplyText, Does.Contain("Axis: "));
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await using var again = await ConnectAsync(id);
                return false;
            }
            catch (BrokerUnreachableException)
            {
                return true;
            }
        });
        // The line is written behind the closing.
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                $"SELECT count(*) FROM audit WHERE action = 'broker.close' AND detail->>'user' = '{id}'"
            ) > 0
        );
    }

    [Test]
    public async Task A_second_secret_and_the_end_of_nothing_close_no_connection()
    {
        await _hub.AddOfficeSystemAsync("rotating", Door.Amqp, SignaturePolicy.Record);
        await _hub.AddOfficeSystemAsync("bystander", Door.Amqp, SignaturePolicy.Record);
        await using var rotating = await ConnectAsync("rotating");
        await using var leaving = await ConnectAsync("bystander");

        await _hub.ChangeRegistryAsync(
            """
            INSERT INTO credential (id, office_system_id, secret_sha256)
            VALUES (gen_random_uuid(), 'rotating', sha256('a second one'))
            """
        );
        await _hub.ChangeRegistryAsync(
            "UPDATE office_system SET status = 'locked' WHERE id = 'bystander'"
        );

        // The one goes; by then the hub has looked at both.
        await Eventually.HoldsAsync(() => Task.FromResult(!leaving.IsOpen));
        Assert.That(rotating.IsOpen);
    }

    [Test]
    public async Task Connections_beyond_the_limit_are_closed_and_the_oldest_stays()
    {
        await _hub.AddOfficeSystemAsync("many", Door.Amqp, SignaturePolicy.Record);
        await _hub.AddOfficeSystemAsync("other", Door.Amqp, SignaturePolicy.Record);
        await using var oldest = await ConnectAsync("many");
        await using var bystander = await ConnectAsync("other");
        // Until the broker lists it, or the next could pass for as old.
        await ListedAsync("many", 1);
        await using var second = await ConnectAsync("many");
        await using var third = await ConnectAsync("many");
        await _hub.ChangeRegistryAsync(
            "UPDATE office_system SET max_connections = 1 WHERE id = 'many'"
        );

        await Eventually.HoldsAsync(() => Task.FromResult(!second.IsOpen && !third.IsOpen));
        Assert.That(second.CloseReason!.ReplyText, Does.Contain("Axis: too many connections"));
        Assert.That(oldest.IsOpen);
        Assert.That(bystander.IsOpen, "another office system has its own limit");
    }

    [Test]
    public async Task A_sweep_closes_what_was_missed_while_no_hub_ran()
    {
        await _hub.AddOfficeSystemAsync("missed", Door.Amqp, SignaturePolicy.Record);
        await _hub.AddOfficeSystemAsync("kept", Door.Amqp, SignaturePolicy.Record);
        await using var missed = await ConnectAsync("missed");
        await using var kept = await ConnectAsync("kept");

        await _hub.RestartAsync(async () =>
        {
            await using var command = _hub.Database.CreateCommand(
                "UPDATE office_system SET status = 'locked' WHERE id = 'missed'"
            );
            await command.ExecuteNonQueryAsync();
        });

        await Eventually.HoldsAsync(() => Task.FromResult(!missed.IsOpen));
        Assert.That(missed.CloseReason!.ReplyText, Does.Contain("Axis: no access"));
        Assert.That(kept.IsOpen, $"{kept.CloseReason}");
    }

    private Task ListedAsync(string user, int count) =>
        Eventually.HoldsAsync(async () =>
            (
                await _hub
                    .Services.GetRequiredService<OpenConnections>()
                    .OfOfficeSystemsAsync(CancellationToken.None)
            ).Count(connection => connection.User == user) == count
        );

    [Test]
    public async Task What_a_locked_system_had_submitted_before_is_refused_not_stored()
    {
        await _hub.AddOfficeSystemAsync(
            "late",
            Door.Amqp,
            SignaturePolicy.Record,
            TestProvince.Second
        );
        await _hub.ChangeRegistryAsync(
            "UPDATE office_system SET status = 'locked' WHERE id = 'late'"
        );
        var factory = new ConnectionFactory { Uri = _hub.Amqp };
        await using var broker = await factory.CreateConnectionAsync();
        await using var channel = await broker.CreateChannelAsync(new(true, true));
        // As if it had been under way: published by an account that may do everything.
        await channel.BasicPublishAsync(
            "axis.submit",
            "submit.late",
            mandatory: true,
            new BasicProperties { MessageId = "late-1" },
            new Letter(TestProvince.Second, TestProvince.Commune).Unsigned()
        );
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                "SELECT count(*) FROM audit WHERE action = 'package.submit' AND actor = 'late' AND outcome = 'refused'"
            ) == 1
        );
        Assert.That(
            await _hub.CountAsync("SELECT count(*) FROM package WHERE office_system_id = 'late'"),
            Is.Zero
        );
    }

    private async Task<IConnection> ConnectAsync(string id)
    {
        var connection = await new ConnectionFactory
        {
            Uri = _hub.Amqp,
            UserName = id,
            Password = _hub.SecretOf(id),
            AutomaticRecoveryEnabled = false,
        }.CreateConnectionAsync();
        // The library does not wait for connection.open-ok. A channel is not there before the broker has let in.
        await using (await connection.CreateChannelAsync()) { }
        return connection;
    }
}
