using System.Net;
using System.Text.Json;
using Axis.Hub.Broker;
using Axis.Hub.Operations.Doctor;
using Axis.LocalServers;
using Axis.TestKit;

namespace Axis.Hub.Tests.Operations;

/// <summary>What is wrong is found, named and can be mended; with what would lose letters the hub does not start.</summary>
public sealed class DoctorTests
{
    [Test]
    public async Task A_hub_does_not_start_on_a_database_without_fsync_unless_told_that_it_may()
    {
        var folder = Directory.CreateTempSubdirectory("axis-unsafe-").FullName;
        try
        {
            await using var servers = await PrivateServers.StartAsync(
                new PrivateServersOptions(folder, WithBroker: false, Durable: false),
                new Progress<string>()
            );
            var unsafeDatabase = ("Storage:ConnectionString", servers.PostgresConnectionString);

            var refusal = Assert.ThrowsAsync<UnsafeDatabaseException>(async () =>
                await TestHub.StartAsync(LocalServersSetUp.Servers, settings: unsafeDatabase)
            );
            foreach (
                var word in (string[])["fsync", "full_page_writes", "synchronous_commit", "Set "]
            )
            {
                Assert.That(refusal!.Message, Does.Contain(word));
            }
            await using (var untouched = Npgsql.NpgsqlDataSource.Create(unsafeDatabase.Item2))
            await using (
                var command = untouched.CreateCommand(
                    "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
                )
            )
            {
                Assert.That(await command.ExecuteScalarAsync(), Is.Zero, "nothing was migrated");
            }

            await using var hub = await TestHub.StartAsync(
                LocalServersSetUp.Servers,
                settings: [unsafeDatabase, ("Storage:AllowUnsafeDatabase", "true")]
            );
            var found = await DiagnosisAsync(hub);
            Assert.That(found["postgresql.fsync"], Is.EqualTo("unsafe"));
        }
        finally
        {
            await PrivateServers.PurgeAsync(folder);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task What_the_database_was_told_for_the_hub_alone_counts_as_well()
    {
        var database = await LocalServersSetUp.Servers.CreateDatabaseAsync();
        await using (var owner = Npgsql.NpgsqlDataSource.Create(database))
        await using (
            var command = owner.CreateCommand(
                $"ALTER DATABASE {new Npgsql.NpgsqlConnectionStringBuilder(database).Database} SET synchronous_commit = off"
            )
        )
        {
            await command.ExecuteNonQueryAsync();
        }
        var refusal = Assert.ThrowsAsync<UnsafeDatabaseException>(async () =>
            await TestHub.StartAsync(
                LocalServersSetUp.Servers,
                settings: ("Storage:ConnectionString", database)
            )
        );
        Assert.That(refusal!.Message, Does.Contain("postgresql.synchronous_commit: off"));
    }

    [Test]
    public async Task A_misshapen_queue_and_a_losing_policy_are_found()
    {
        await using var hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings: ("Broker:ManagementUri", LocalServersSetUp.Servers.Management.AbsoluteUri)
        );
        await hub.AddOperatorAsync("truc-vh", "viewer");
        using var viewer = await hub.ClientAsync("truc-vh", ops: true);
        Assert.That(
            (await viewer.GetAnswerAsync("ops/v1/doctor"))
                .Json.GetProperty("findings")
                .GetArrayLength(),
            Is.GreaterThan(10)
        );
        var healthy = await DiagnosisAsync(hub);
        Assert.That(healthy["rabbitmq.queues"], Is.EqualTo("ok"));
        Assert.That(healthy["rabbitmq.policies"], Is.EqualTo("ok"));
        Assert.That(healthy["clock.rabbitmq"], Is.EqualTo("ok"));
        Assert.That(healthy["postgresql.fsync"], Is.EqualTo("ok"));
        Assert.That(healthy["payloads.folder"], Is.EqualTo("ok"));
        Assert.That(healthy["certificates.signing_key"], Is.EqualTo("ok"));

        await using (var connection = await ConnectAsync(hub))
        {
            // The hub makes a queue that is missing, and may be quicker.
            await Eventually.HoldsAsync(async () =>
            {
                await using var channel = await connection.CreateChannelAsync();
                try
                {
                    await channel.QueueDeleteAsync("axis.inbox.commune", false, false);
                    await channel.QueueDeclareAsync("axis.inbox.commune", true, false, false);
                    return true;
                }
                catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
                {
                    return false;
                }
            });
        }
        await LocalServersSetUp.Servers.SetQueuePolicyAsync(
            hub.Amqp,
            "short",
            "^axis.events",
            new Dictionary<string, object> { ["message-ttl"] = 60_000 }
        );
        await Eventually.HoldsAsync(async () =>
        {
            var sick = await DiagnosisAsync(hub);
            return sick["rabbitmq.queues"] == "unsafe" && sick["rabbitmq.policies"] == "unsafe";
        });

        using var office = await hub.ClientAsync("office", ops: true);
        Assert.That(
            (await office.GetAnswerAsync("ops/v1/doctor")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
    }

    [TestCase("message-ttl", "60000", null, false)]
    [TestCase("expires", "60000", null, false)]
    [TestCase("max-length", "10", null, false)]
    [TestCase("max-length", "10", "drop-head", false)]
    [TestCase("max-length", "10", "reject-publish", true)]
    [TestCase("max-length-bytes", "10", "reject-publish", true)]
    [TestCase("delivery-limit", "5", null, false)]
    [TestCase("delivery-limit", "-1", null, true)]
    [TestCase("max-in-memory-length", "5", null, true)]
    public void A_policy_that_can_drop_a_message_is_unsafe(
        string name,
        string value,
        string? overflow,
        bool isSafe
    )
    {
        var policy = new Dictionary<string, JsonElement>
        {
            [name] = JsonSerializer.Deserialize<JsonElement>(value),
        };
        if (overflow is not null)
        {
            policy["overflow"] = JsonSerializer.SerializeToElement(overflow);
        }
        var findings = BrokerExamination.Policies(
            [Queue("axis.inbox.xa", policy)],
            new Version(3, 10)
        );
        Assert.That(findings.All(one => one.Health == Health.Ok), Is.EqualTo(isSafe));
    }

    [TestCase("axis.inbox.xa", "3.13", true)]
    [TestCase("axis.inbox.xa", "4.0", false)]
    [TestCase("axis.submissions", "4.0", true)]
    public void RabbitMQ_4_drops_what_came_back_twenty_times_unless_told_otherwise(
        string queue,
        string version,
        bool isSafe
    ) =>
        Assert.That(
            BrokerExamination
                .Policies([Queue(queue, [])], Version.Parse(version))
                .All(one => one.Health == Health.Ok),
            Is.EqualTo(isSafe)
        );

    [Test]
    public void A_node_that_is_away_or_short_of_disk_is_unsafe()
    {
        Assert.That(
            BrokerExamination.Alarms([new("a", true, false, false)]).Single().Health,
            Is.EqualTo(Health.Ok)
        );
        Assert.That(
            BrokerExamination
                .Alarms([new("a", false, false, false), new("b", true, true, false)])
                .Select(one => one.Health),
            Is.EqualTo(new[] { Health.Unsafe, Health.Unsafe })
        );
        var missing = BrokerExamination.Members(
            [
                Queue("axis.inbox.a", []) with
                {
                    MembersOnline = 2,
                    MemberNodes = ["axis1@a", "axis2@b", "axis3@c"],
                },
            ],
            [
                new("axis1@a", true, false, false),
                new("axis2@b", false, false, false),
                new("axis3@c", true, false, false),
            ]
        );
        Assert.That(missing.Health, Is.EqualTo(Health.Unsafe));
        Assert.That(missing.Mend, Does.Contain("Start axis2@b;"));
    }

    [Test]
    public void A_server_of_several_that_does_not_answer_is_named()
    {
        var broker = BrokerExamination
            .Addresses([
                (new Uri("amqp://a:b@mq1:5672"), null),
                (new Uri("amqp://a:b@mq2:5673"), "Connection refused"),
            ])
            .Single();
        Assert.That(broker.Health, Is.EqualTo(Health.Unsafe));
        Assert.That(broker.Found, Is.EqualTo("mq2:5673 does not answer: Connection refused"));
        Assert.That(broker.Mend, Does.Contain("Start that node"));
        Assert.That(
            BrokerExamination.Addresses([(new Uri("amqp://mq1"), null)]).Single().Health,
            Is.EqualTo(Health.Ok)
        );

        var database = DatabaseExamination
            .Servers([("db1:5432", null), ("db2:5432", "Connection refused")])
            .Single();
        Assert.That(database.Health, Is.EqualTo(Health.Unsafe));
        Assert.That(database.Found, Does.StartWith("db2:5432 does not answer"));
    }

    [TestCase("", "")]
    [TestCase("*", "")]
    [TestCase("axis_standby", "axis_standby")]
    [TestCase("FIRST 1 (north, \"south-2\")", "south-2")]
    [TestCase("ANY 2 (north, south, West)", "south")]
    public void A_standby_that_is_waited_for_and_not_there_is_named(
        string setting,
        string missing
    ) =>
        Assert.That(
            string.Join(' ', StandbyNames.Missing(setting, ["north", "west"])),
            Is.EqualTo(missing)
        );

    [TestCase(0.0, Health.Ok)]
    [TestCase(1.9, Health.Ok)]
    [TestCase(3.0, Health.Warning)]
    [TestCase(-3.0, Health.Warning)]
    [TestCase(60.0, Health.Unsafe)]
    [TestCase(-60.0, Health.Unsafe)]
    public void A_clock_is_judged_by_how_far_it_lies_outside_of_ours(double off, Health expected)
    {
        var before = new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
        var after = before + TimeSpan.FromSeconds(1);
        var theirs = off < 0 ? before.AddSeconds(off) : after.AddSeconds(off);
        Assert.That(
            ClockExamination.Judge("clock", before, theirs, after, TimeSpan.Zero).Health,
            Is.EqualTo(expected)
        );
    }

    [TestCase("/var/lib/axis/payloads", "/var/lib/axis", "ext4", Health.Ok)]
    [TestCase(
        "/var/lib/axis/payloads/uploads",
        "/var/lib/axis/payloads/uploads",
        "tmpfs",
        Health.Unsafe
    )]
    [TestCase("/srv/with space/x", "/srv/with space", "nfs4", Health.Warning)]
    [TestCase("/var/lib/axis-other", "/", "xfs", Health.Ok)]
    public void The_file_system_of_a_folder_is_that_of_the_longest_mount(
        string path,
        string point,
        string type,
        Health expected
    )
    {
        string[] mounts =
        [
            "/dev/sda1 / xfs rw 0 0",
            "proc /proc proc rw 0 0",
            "/dev/sdb1 /var/lib/axis ext4 rw 0 0",
            "tmpfs /var/lib/axis/payloads/uploads tmpfs rw 0 0",
            @"nas:/x /srv/with\040space nfs4 rw 0 0",
            "broken",
        ];
        var mount = PayloadExamination.MountOf(mounts, path);
        Assert.That((mount.Point, mount.Type), Is.EqualTo((point, type)));
        Assert.That(PayloadExamination.Judge(mount).Health, Is.EqualTo(expected));
    }

    [TestCase(500L << 20, Health.Unsafe)]
    [TestCase(5L << 30, Health.Warning)]
    [TestCase(50L << 30, Health.Ok)]
    public void Little_room_is_a_warning_and_none_is_unsafe(long free, Health expected) =>
        Assert.That(PayloadExamination.Room(free, 100L << 30).Health, Is.EqualTo(expected));

    [TestCase(-1, Health.Unsafe)]
    [TestCase(10, Health.Warning)]
    [TestCase(100, Health.Ok)]
    public void A_certificate_is_judged_by_its_end(int daysLeft, Health expected)
    {
        var certificate = TestKeys.Of(TestProvince.Office);
        var now = new DateTimeOffset(certificate.NotAfter).AddDays(-daysLeft);
        Assert.That(
            CertificateExamination.Judge("certificate", certificate, now).Health,
            Is.EqualTo(expected)
        );
    }

    private static ManagedQueue Queue(string name, Dictionary<string, JsonElement> policy) =>
        new(name, "quorum", new Dictionary<string, JsonElement>(), policy, 3, 3);

    private static async Task<Dictionary<string, string>> DiagnosisAsync(TestHub hub)
    {
        using var output = new StringWriter();
        var doctor = (Axis.Hub.Operations.Doctor.DoctorVisit)
            hub.Services.GetService(typeof(Axis.Hub.Operations.Doctor.DoctorVisit))!;
        await DoctorVerb.RunAsync(["--json"], doctor, output, CancellationToken.None);
        return JsonSerializer
            .Deserialize<JsonElement>(output.ToString())
            .GetProperty("findings")
            .EnumerateArray()
            .GroupBy(one => one.GetProperty("subject").GetString()!)
            .ToDictionary(one => one.Key, one => one.First().GetProperty("health").GetString()!);
    }

    private static Task<RabbitMQ.Client.IConnection> ConnectAsync(TestHub hub) =>
        new RabbitMQ.Client.ConnectionFactory { Uri = hub.Amqp }.CreateConnectionAsync();
}
