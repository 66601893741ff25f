using System.Net;
using Axis.Hub.Access;
using Axis.Hub.Storage;
using Axis.Hub.Storage.Archive;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Storage;

/// <summary>A month leaves for an archive and comes back; what is not finished never leaves.</summary>
public sealed class ArchiveTests
{
    private string _folder = null!;
    private TestHub _hub = null!;
    private DateTimeOffset _now;

    private ArchiveMonth Month => ArchiveMonth.Of(_now);
    private HttpClient _office = null!;
    private HttpClient _commune = null!;

    [SetUp]
    public async Task StartAsync()
    {
        // The letters of a test lie in one month: none begins in the last minute of one.
        await Eventually.HoldsAsync(() =>
        {
            var now = TimeProvider.System.GetUtcNow();
            return Task.FromResult(now.AddMinutes(1).Month == now.Month);
        });
        _folder = Directory.CreateTempSubdirectory("axis-archive-").FullName;
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        _now = TimeProvider.System.GetUtcNow();
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
    }

    [TearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        await _hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_month_goes_whole_but_for_what_is_not_finished_and_repeats_are_still_answered()
    {
        var finished = new Letter(TestProvince.Office, TestProvince.Commune).Signed();
        var large = (
            new Letter(TestProvince.Office, TestProvince.Commune) with
            {
                AttachmentBytes = 1_200_000,
            }
        ).Signed();
        var open = new Letter(TestProvince.Office, TestProvince.Commune).Signed();
        var held = new Letter(
            TestProvince.Office,
            TestProvince.Commune,
            TestProvince.Ministry
        ).Signed();
        var receipts = new List<Answer>();
        foreach (var letter in (byte[][])[finished, large, open, held])
        {
            var receipt = await _office.SubmitAsync(letter);
            Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
            receipts.Add(receipt);
        }
        foreach (var i in (int[])[0, 1, 3])
        {
            await _commune.AcknowledgeAsync(receipts[i].DeliveryTo(TestProvince.Commune));
        }
        var report = new Report(
            TestProvince.Commune,
            "01",
            TestProvince.Office,
            receipts[0].Json.GetProperty("documentId").GetString()!
        ).Bytes();
        var reported = await _commune.SubmitAsync(report);
        Assert.That(reported.Status, Is.EqualTo(HttpStatusCode.Created), reported.Text);

        // Six months later. The event of the status is not collected yet, so it stays too.
        Assert.That(await KeeperAt(_now.AddMonths(1)).LookAsync(default), Is.Empty);
        var taken = await TakeOutAsync();
        Assert.That(taken, Is.EqualTo(new[] { Month }));
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM pg_class WHERE relname LIKE '%' || '{Month.Suffix}'"
            ),
            Is.Zero
        );
        Assert.That(
            await PackagesAsync(),
            Is.EquivalentTo(new[] { receipts[2].PackageId, receipts[3].PackageId })
        );
        Assert.That(
            await _hub.CountAsync("SELECT count(*) FROM event WHERE state = 'listed'"),
            Is.EqualTo(1)
        );

        // What is unfinished works as ever.
        var delivery = receipts[2].DeliveryTo(TestProvince.Commune);
        Assert.That(
            await _commune.GetByteArrayAsync(
                new Uri($"v1/inbox/{delivery}/content", UriKind.Relative)
            ),
            Is.EqualTo(open)
        );
        Assert.That(
            await _commune.AcknowledgeAsync(delivery),
            Is.EqualTo(HttpStatusCode.NoContent)
        );

        // A repeat of what left gets its first receipt, other bytes under its id are a conflict.
        var repeat = await _office.SubmitAsync(finished);
        Assert.That(repeat.Status, Is.EqualTo(HttpStatusCode.OK), repeat.Text);
        Assert.That(repeat.Text, Is.EqualTo(receipts[0].Text));
        var again = await _commune.SubmitAsync(report);
        Assert.That(again.Status, Is.EqualTo(HttpStatusCode.OK), again.Text);
        Assert.That(again.Text, Is.EqualTo(reported.Text));

        // The archive stands alone, and comes back.
        var folder = Path.Combine(_folder, Month.ToString());
        Assert.That((await ArchiveCheck.CheckAsync(folder, default)).Problems, Is.Empty);
        var import = _hub.Services.GetRequiredService<ArchiveImport>();
        var added = await import.ImportAsync(folder, default);
        Assert.That(added["package"], Is.EqualTo(2));
        Assert.That((await import.ImportAsync(folder, default)).Values, Is.All.Zero);
        foreach (var (receipt, letter) in receipts.Zip((byte[][])[finished, large, open, held]))
        {
            Assert.That(
                await _office.GetByteArrayAsync(
                    new Uri($"v1/packages/{receipt.PackageId}/content", UriKind.Relative)
                ),
                Is.EqualTo(letter)
            );
        }
        var found = await _office.GetAnswerAsync($"v1/packages/{receipts[0].PackageId}");
        Assert.That(
            found.Json.GetProperty("deliveries")[0].GetProperty("status").GetString(),
            Is.EqualTo("01")
        );
    }

    [Test]
    public async Task An_archive_that_was_touched_is_found_out_and_not_imported()
    {
        await _office.SubmitAsync(new Letter(TestProvince.Office, TestProvince.Commune).Signed());
        var export = _hub.Services.GetRequiredService<ArchiveExport>();
        var folder = await export.ExportAsync(Month, _folder, default);
        Assert.That((await ArchiveCheck.CheckAsync(folder, default)).Problems, Is.Empty);

        var rows = Path.Combine(folder, "delivery.jsonl");
        var original = await File.ReadAllTextAsync(rows);
        await File.WriteAllTextAsync(
            rows,
            original.Replace("dispatched", "collected", StringComparison.Ordinal)
        );
        await FindsAsync("delivery.jsonl was changed");
        await File.WriteAllTextAsync(rows, original);

        var payload = Directory
            .EnumerateFiles(Path.Combine(folder, "payloads"), "*", SearchOption.AllDirectories)
            .Single();
        File.Move(payload, payload + ".away");
        await FindsAsync("is missing");
        File.Move(payload + ".away", payload);

        await File.WriteAllTextAsync(Path.Combine(folder, "smuggled"), "x");
        await FindsAsync("smuggled is not in SHA256SUMS");
        File.Delete(Path.Combine(folder, "smuggled"));

        // Sums that were made to fit do not make up for rows that are gone.
        await File.WriteAllTextAsync(rows, "");
        var sums = Path.Combine(folder, "SHA256SUMS");
        await File.WriteAllLinesAsync(
            sums,
            await Task.WhenAll(
                ArchiveFormat
                    .FilesIn(folder)
                    .Select(async file =>
                        $"{await ArchiveFormat.HashAsync(Path.Combine(folder, file), default)}  {file}"
                    )
            )
        );
        await FindsAsync("the manifest says 1");
        await File.WriteAllTextAsync(sums, $"{new string('0', 64)}  ../../etc/passwd\n");
        await FindsAsync("makes no sense");

        async Task FindsAsync(string expected)
        {
            Assert.That(
                string.Join('\n', (await ArchiveCheck.CheckAsync(folder, default)).Problems),
                Does.Contain(expected)
            );
            Assert.ThrowsAsync<ArchiveException>(() =>
                _hub.Services.GetRequiredService<ArchiveImport>().ImportAsync(folder, default)
            );
        }
    }

    [Test]
    public async Task Nothing_is_dropped_that_is_in_use_or_cannot_be_archived()
    {
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune).Signed()
        );
        await _commune.AcknowledgeAsync(receipt.DeliveryTo(TestProvince.Commune));
        var keeper = KeeperAt(_now.AddMonths(7));

        // Somebody reads the month, a backup perhaps: the exchange must not queue up behind us.
        await using (var reader = await _hub.Database.OpenConnectionAsync())
        await using (var reading = await reader.BeginTransactionAsync())
        {
            await using (
                var look = new Npgsql.NpgsqlCommand("SELECT count(*) FROM delivery", reader)
            )
            {
                await look.ExecuteScalarAsync();
            }
            Assert.That(await keeper.LookAsync(default), Is.Empty);
        }

        // A package that cannot be read is not archived, so its month stays.
        await ExecuteAsync("UPDATE payload SET bytes = 'x'::bytea");
        var export = _hub.Services.GetRequiredService<ArchiveExport>();
        Assert.ThrowsAsync<PayloadUnusableException>(() =>
            export.ExportAsync(Month, _folder, default)
        );
        Assert.That(await keeper.LookAsync(default), Is.Empty);
        Assert.That(await PackagesAsync(), Has.Count.EqualTo(1));
        Assert.That(
            Directory.GetDirectories(_folder).Select(Path.GetFileName),
            Is.EqualTo(new[] { Month.ToString() }),
            "and nothing half-made is left"
        );
    }

    [Test]
    public async Task A_month_is_taken_out_by_one_node_and_retention_needs_a_place_for_it()
    {
        await using (
            var other = await SingleRunner.TryTakeAsync(
                _hub.Database,
                SingleRunner.Retention,
                default
            )
        )
        {
            Assert.That(other, Is.Not.Null);
            Assert.That(await KeeperAt(_now.AddMonths(7)).LookAsync(default), Is.Empty);
        }
        Assert.ThrowsAsync<OptionsValidationException>(async () =>
            await TestHub.StartAsync(
                LocalServersSetUp.Servers,
                settings: [("Retention:Months", "6"), ("Listen:Ops", "http://127.0.0.1:0")]
            )
        );
    }

    // The lock gives way to whoever uses the tables at that moment, the hub's own polls among them.
    private async Task<IReadOnlyList<ArchiveMonth>> TakeOutAsync()
    {
        IReadOnlyList<ArchiveMonth> taken = [];
        await Eventually.HoldsAsync(async () =>
        {
            taken = await KeeperAt(_now.AddMonths(7)).LookAsync(default);
            return taken.Count > 0;
        });
        return taken;
    }

    private RetentionKeeper KeeperAt(DateTimeOffset now) =>
        new(
            _hub.Database,
            _hub.Services.GetRequiredService<ArchiveExport>(),
            _hub.Services.GetRequiredService<MonthDrop>(),
            _hub.Services.GetRequiredService<ArchivedMonths>(),
            new UnreadEvents(
                _hub.Database,
                Options.Create(new Axis.Hub.Events.EventOptions()),
                // Long before the month is as old as that: events that are not collected stay.
                new SetTime(_now)
            ),
            _hub.Services.GetRequiredService<AuditLog>(),
            Options.Create(
                new RetentionOptions
                {
                    Months = 6,
                    ArchiveFolder = _folder,
                    DropPatience = TimeSpan.Zero,
                }
            ),
            new SetTime(now),
            NullLogger<RetentionKeeper>.Instance
        );

    private async Task<IReadOnlyList<Guid>> PackagesAsync()
    {
        await using var command = _hub.Database.CreateCommand("SELECT id FROM package");
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<Guid>();
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetGuid(0));
        }
        return found;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class SetTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
