using Axis.Hub.Access;
using Axis.Hub.Storage;
using Axis.Hub.Tests.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Axis.Hub.Tests.Access;

public sealed class AuditLogTests
{
    private RegistryDatabase _database = null!;
    private GroupCommit<AuditLine, bool> _writer = null!;
    private AuditLog _audit = null!;

    [SetUp]
    public async Task Open_the_log()
    {
        _database = await RegistryDatabase.CreateAsync();
        _writer = AuditLog.CreateWriter(_database.Source);
        _audit = new AuditLog(
            _writer,
            new RepeatedRefusals(TimeProvider.System),
            TimeProvider.System,
            NullLogger<AuditLog>.Instance
        );
        await _writer.StartAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task Close_it()
    {
        await _writer.StopAsync(CancellationToken.None);
        await _database.DisposeAsync();
    }

    [Test]
    public async Task A_line_that_was_waited_for_is_durable()
    {
        await _audit.RecordAsync(
            AuditActions.SubmitPackage,
            AuditOutcome.Refused,
            "qlvb-so",
            "10.0.0.1",
            new { codes = (string[])["AXIS-3001"], from = "Xã" }
        );
        Assert.That(
            await _database.CountAsync(
                "audit WHERE action = 'package.submit' AND outcome = 'refused' AND actor = 'qlvb-so' "
                    + "AND remote = '10.0.0.1' AND detail->'codes'->>0 = 'AXIS-3001' AND detail->>'from' = 'Xã'"
            ),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task Lines_keep_their_order_and_none_is_missing_after_the_stop()
    {
        for (var i = 0; i < 3000; i++)
        {
            _audit.Record("test", AuditOutcome.Ok, i.ToString(), null);
        }
        await _writer.StopAsync(CancellationToken.None);
        Assert.That(await _database.CountAsync("audit"), Is.EqualTo(3000));
        Assert.That(
            await _database.CountAsync(
                "(SELECT actor::int - lag(actor::int) OVER (ORDER BY id) AS step FROM audit) s WHERE step <> 1"
            ),
            Is.Zero
        );
    }

    [Test]
    public async Task A_null_character_does_not_cost_the_line()
    {
        await _audit.RecordAsync("test", AuditOutcome.Refused, "hub", null, new { value = "a\0b" });
        Assert.That(await _database.CountAsync("audit"), Is.EqualTo(1));
    }

    [Test]
    public async Task What_cannot_be_stored_is_no_success()
    {
        await _database.ExecuteAsync("DROP TABLE audit");
        Assert.That(
            async () => await _audit.RecordAsync("test", AuditOutcome.Refused, "hub", null),
            Throws.InstanceOf<AuditUnavailableException>()
        );
    }

    [Test]
    public async Task Many_callers_wait_for_few_transactions()
    {
        Task written;
        await using (var lockHolder = await _database.Source.OpenConnectionAsync())
        await using (var held = await lockHolder.BeginTransactionAsync())
        {
            await using var hold = lockHolder.CreateCommand();
            hold.CommandText = "LOCK TABLE audit IN SHARE MODE";
            await hold.ExecuteNonQueryAsync();
            // All of them come while the first transactions wait, however slow the machine is.
            written = Task.WhenAll(
                Enumerable
                    .Range(0, 500)
                    .Select(_ => _audit.RecordAsync("test", AuditOutcome.Refused, "hub", null))
            );
            await held.CommitAsync();
        }
        await written;
        Assert.That(
            await _database.CountAsync("(SELECT DISTINCT xmin::text FROM audit) t"),
            Is.LessThan(50)
        );
    }
}
