using System.Net;
using System.Text;
using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Storage;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client;

namespace Axis.Hub.Tests.Delivery;

/// <summary>What one bad row, one bad request or a stop must not do to everything beside it.</summary>
public sealed class FaultTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        // One submission in hand at a time: what is not answered would hold up all behind it.
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings: [("Broker:SubmissionPrefetch", "1"), ("Broker:SubmissionDeliveryLimit", "3")]
        );
        _office = await _hub.ClientAsync("office");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task A_package_that_cannot_be_read_does_not_hold_back_those_beside_it()
    {
        var lost = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        var sound = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        var (bad, good) = (
            lost.DeliveryTo(TestProvince.Department),
            sound.DeliveryTo(TestProvince.Department)
        );
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id IN ('{bad}', '{good}') AND state = 'dispatched'") == 2
        );

        await ExecuteAsync($"DELETE FROM payload WHERE package_id = '{lost.PackageId}'");
        await ExecuteAsync(
            $"UPDATE delivery SET state = 'waiting', next_attempt_at = now() WHERE id IN ('{bad}', '{good}')"
        );

        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{good}' AND state = 'dispatched'") == 1
            && await CountAsync($"id = '{bad}' AND state = 'waiting' AND last_error IS NOT NULL")
                == 1
        );
    }

    [Test]
    public async Task What_its_queue_refused_does_not_make_the_first_failed_read_of_a_delivery_the_last()
    {
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        var delivery = receipt.DeliveryTo(TestProvince.Department);
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{delivery}' AND state = 'dispatched'") == 1
        );

        await ExecuteAsync($"DELETE FROM payload WHERE package_id = '{receipt.PackageId}'");
        await DueAsync("attempts = 25, failure = 'refused_by_broker'");
        // Its attempts are counted anew; more than one may have been made before this looks.
        await Eventually.HoldsAsync(async () =>
            await CountAsync(
                $"id = '{delivery}' AND failure = 'missing' AND state = 'waiting' AND attempts < 20"
            ) == 1
        );

        // In a row they come to an end.
        await DueAsync("attempts = 19");
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{delivery}' AND state = 'failed'") == 1
        );

        Task DueAsync(string change) =>
            ExecuteAsync(
                $"UPDATE delivery SET state = 'waiting', next_attempt_at = now(), {change} WHERE id = '{delivery}'"
            );
    }

    [Test]
    public void A_store_that_is_away_is_no_fault_of_the_delivery_that_it_keeps()
    {
        var outbox = _hub.Services.GetRequiredService<DeliveryOutbox>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(FaultOf(new NpgsqlException("killed")), Is.EqualTo(SendFault.Store));
            Assert.That(FaultOf(new IOException("a bad hour")), Is.EqualTo(SendFault.Store));
            Assert.That(FaultOf(new TimeoutException()), Is.EqualTo(SendFault.Store));
            Assert.That(FaultOf(new FileNotFoundException()), Is.EqualTo(SendFault.Row));
            Assert.That(FaultOf(new FormatException()), Is.EqualTo(SendFault.Row));
            Assert.That(
                FaultOf(PayloadUnusableException.Damaged("a bit")),
                Is.EqualTo(SendFault.Row)
            );
        }

        SendFault FaultOf(Exception failure) => outbox.Unreadable(null!, failure).Fault;
    }

    [Test]
    public async Task A_package_above_the_inline_limit_is_a_file_by_whichever_door_it_came()
    {
        var letter = (
            new Letter(TestProvince.Office, TestProvince.Commune) with
            {
                AttachmentBytes = 1_500_000,
            }
        ).Signed();
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "office");
        await amqp.ListenAsync();

        var receipt = await amqp.AnswerToAsync(await amqp.SubmitAsync(letter));
        var packageId = receipt.Json.GetProperty("packageId").GetGuid();

        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM payload WHERE package_id = '{packageId}' AND bytes IS NULL"
            ),
            Is.EqualTo(1)
        );
        Assert.That(
            await _office.GetByteArrayAsync(
                new Uri($"v1/packages/{packageId}/content", UriKind.Relative)
            ),
            Is.EqualTo(letter)
        );
    }

    private static IEnumerable<TestCaseData> HostileFiles()
    {
        yield return new TestCaseData(
            (Func<byte[]>)HostilePdf.AskingForDictionary,
            "broken"
        ).SetArgDisplayNames("asking the inflater for a dictionary");
        yield return new TestCaseData(
            (Func<byte[]>)HostilePdf.ByMalformedCertificate,
            "malformed"
        ).SetArgDisplayNames("signed with a malformed certificate");
    }

    [TestCaseSource(nameof(HostileFiles))]
    public async Task A_file_made_to_break_the_verifier_is_answered_and_holds_up_nobody(
        Func<byte[]> make,
        string verdict
    )
    {
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "office");
        await amqp.ListenAsync();
        var hostile = await amqp.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune) { Content = make() }.Signed()
        );
        var behind = await amqp.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune).Signed()
        );

        Assert.That((await amqp.AnswerToAsync(behind)).Type, Is.EqualTo("axis.receipt"));
        var receipt = await amqp.AnswerToAsync(hostile);
        Assert.That(receipt.Type, Is.EqualTo("axis.receipt"), receipt.Json.ToString());
        Assert.That(receipt.Json.GetProperty("documentVerdict").GetString(), Is.EqualTo(verdict));
    }

    [Test]
    public async Task What_the_hub_fails_at_every_time_is_answered_before_it_is_set_aside()
    {
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "office");
        await amqp.ListenAsync();
        await ExecuteAsync(
            """
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION USING ERRCODE = '22000'; END $$;
            CREATE TRIGGER failing BEFORE INSERT ON package
                FOR EACH ROW WHEN (NEW.subject = 'V/v thử') EXECUTE FUNCTION fail();
            """
        );
        var poison = new Letter(TestProvince.Office, TestProvince.Commune)
        {
            Subject = "V/v thử",
        }.Signed();

        var submitted = await amqp.SubmitAsync(poison);
        var behind = await amqp.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune).Signed()
        );

        var problem = await amqp.AnswerToAsync(submitted);
        Assert.That(problem.Type, Is.EqualTo("axis.problem"));
        Assert.That(
            problem.Json.GetProperty("errors")[0].GetProperty("code").GetString(),
            Is.EqualTo("AXIS-9005")
        );
        Assert.That((await amqp.AnswerToAsync(behind)).Type, Is.EqualTo("axis.receipt"));
        // Where an operator finds it, and may send it again when the cause is mended.
        var factory = new ConnectionFactory { Uri = _hub.Amqp };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var dead = await Eventually.GetAsync(() =>
            channel.BasicGetAsync("axis.submissions.dead", autoAck: true)
        );
        Assert.That(dead.Body.ToArray(), Is.EqualTo(poison));
        await ExecuteAsync("DROP TRIGGER failing ON package; DROP FUNCTION fail();");
    }

    [Test]
    public async Task A_status_package_is_bounded_because_it_travels_inside_its_event()
    {
        using var commune = await _hub.ClientAsync("commune");
        var report = new Report(TestProvince.Commune, "01", TestProvince.Office, "none").Bytes();
        var padded = report.Concat(Encoding.UTF8.GetBytes(new string(' ', 1024 * 1024))).ToArray();

        var answer = await commune.SubmitAsync(padded);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge), answer.Text);
    }

    [Test]
    public async Task A_document_id_that_no_index_can_hold_is_refused_and_not_called_an_outage()
    {
        var id = Convert.ToHexString(
            System.Security.Cryptography.RandomNumberGenerator.GetBytes(4000)
        );
        var letter = new Letter(TestProvince.Office, TestProvince.Commune)
        {
            DocumentIdOverride = id,
        };
        var answer = await _office.SubmitAsync(letter.Signed());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
    }

    [Test]
    public async Task The_right_secret_does_not_wait_for_the_wrong_guesses_of_others()
    {
        using var anonymous = _hub.AnonymousClient();
        HttpStatusCode status;
        do
        {
            status = await TokenAsync(anonymous, "commune", "a guess");
        } while (status == HttpStatusCode.Unauthorized);

        Assert.That(status, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(
            await TokenAsync(anonymous, "commune", _hub.SecretOf("commune")),
            Is.EqualTo(HttpStatusCode.OK)
        );
    }

    [Test]
    public async Task Rows_in_a_default_partition_keep_no_hub_from_starting_and_a_stop_ends_long_polls()
    {
        var hub = _hub;
        // A clock that ran two months past the last partition.
        await ExecuteAsync(
            """
            INSERT INTO payload (package_id) VALUES (uuid7_floor(now() + interval '5 months'))
            """
        );
        await ExecuteAsync("SELECT ensure_partitions(now() + interval '4 months', 3)");
        Assert.That(
            await hub.CountAsync(
                "SELECT count(*) FROM pg_class WHERE relname = 'package_' || to_char((now() + interval '5 months') AT TIME ZONE 'UTC', 'YYYY_MM')"
            ),
            Is.EqualTo(1)
        );

        using var commune = await hub.ClientAsync("commune");
        var poll = commune.GetAnswerAsync("v1/events?wait=55");
        await Eventually.HoldsAsync(async () =>
            (await commune.GetAnswerAsync("v1/inbox")).Status == HttpStatusCode.OK
        );
        await hub.RestartAsync();
        // Answered, where a hub that waits for nothing would have cut it off.
        Assert.That((await poll).Status, Is.EqualTo(HttpStatusCode.OK));
        _office.Dispose();
        _office = await hub.ClientAsync("office");
    }

    private static async Task<HttpStatusCode> TokenAsync(
        HttpClient client,
        string id,
        string secret
    )
    {
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
                ["client_secret"] = secret,
            }
        );
        using var answer = await client.PostAsync(new Uri("oauth2/token", UriKind.Relative), form);
        return answer.StatusCode;
    }

    private Task<long> CountAsync(string condition) =>
        _hub.CountAsync($"SELECT count(*) FROM delivery WHERE {condition}");

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
