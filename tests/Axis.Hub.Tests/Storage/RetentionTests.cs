using Axis.Hub.Access;
using Axis.Hub.Storage;
using Axis.Hub.Storage.Archive;
using Axis.Hub.Tests.Access;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Tests.Storage;

/// <summary>
/// Retention in the years after: months that come back, that are touched while they leave, that are large, and that no
/// one can read. Each test has a month of its own; the hub itself drops nothing.
/// </summary>
public sealed class RetentionTests
{
    private static readonly string[] s_all =
    [
        "package",
        "payload",
        "delivery",
        "delivery_history",
        "status_report",
        "payload of the report",
        "event",
    ];

    private TestHub _hub = null!;
    private string _folder = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("axis-retention-").FullName;
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_month_that_was_imported_stays_until_it_is_released_and_no_archive_gives_way_to_less()
    {
        var old = await MonthAsync(2020, 1);
        var first = await old.AddAsync();
        var second = await old.AddAsync();
        await LeavesAsync(old);
        var folder = Path.Combine(_folder, old.Month.ToString());
        var import = _hub.Services.GetRequiredService<ArchiveImport>();

        // As it stands in the middle of an import, or after one that broke off.
        await import.ImportAsync(folder, default);
        await _hub.ExecuteAsync("DELETE FROM package WHERE id = $1", second.Package);
        Assert.That(await KeeperAfter(old).LookAsync(default), Does.Not.Contain(old.Month));
        await IsWholeAsync(folder, 2);

        // Even an operator who takes the half for the whole loses nothing.
        var months = _hub.Services.GetRequiredService<ArchivedMonths>();
        await months.ReleaseAsync(old.Month, default);
        Assert.That(await KeeperAfter(old).LookAsync(default), Does.Not.Contain(old.Month));
        await IsWholeAsync(folder, 2);
        Assert.That(await old.RowsOfAsync(first), Is.EquivalentTo(s_all));

        // Complete, it stays for as long as it is wanted, and leaves on a word.
        Assert.That((await import.ImportAsync(folder, default))["package"], Is.EqualTo(1));
        Assert.That(await KeeperAfter(old).LookAsync(default), Does.Not.Contain(old.Month));
        Assert.That(await old.RowsOfAsync(second), Is.EquivalentTo(s_all));
        Assert.That(
            await ArchiveVerb.RunAsync(
                ["release", old.Month.ToString()],
                _hub.Services,
                TextWriter.Null,
                TextWriter.Null,
                default
            ),
            Is.Zero
        );
        await LeavesAsync(old);
        await IsWholeAsync(folder, 2);
        Assert.That(await old.RowsOfAsync(second), Is.Empty);
        Assert.ThrowsAsync<ArchiveException>(() =>
            months.ReleaseAsync(new ArchiveMonth(1999, 1), default)
        );
    }

    [Test]
    public async Task Archives_are_worked_on_by_one_at_a_time()
    {
        var old = await MonthAsync(2020, 2);
        await old.AddAsync();
        var folder = await _hub
            .Services.GetRequiredService<ArchiveExport>()
            .ExportAsync(
                old.Month,
                Directory.CreateDirectory(Path.Combine(_folder, "own")).FullName,
                default
            );
        await using var other = await SingleRunner.TryTakeAsync(
            _hub.Database,
            SingleRunner.Retention,
            default
        );

        Assert.That(other, Is.Not.Null);
        Assert.ThrowsAsync<ArchiveException>(() =>
            _hub.Services.GetRequiredService<ArchiveImport>().ImportAsync(folder, default)
        );
        await using var said = new StringWriter();
        Assert.That(
            await ArchiveVerb.RunAsync(
                ["export", old.Month.ToString(), _folder],
                _hub.Services,
                TextWriter.Null,
                said,
                default
            ),
            Is.EqualTo(1)
        );
        Assert.That(said.ToString(), Does.Contain("another process"));
    }

    [Test]
    public async Task An_export_puts_nothing_in_the_place_of_a_folder_that_it_does_not_know()
    {
        var old = await MonthAsync(2020, 3);
        await old.AddAsync();
        var into = Directory.CreateDirectory(Path.Combine(_folder, "foreign")).FullName;
        var note = Path.Combine(
            Directory.CreateDirectory(Path.Combine(into, "2020-03")).FullName,
            "note"
        );
        await File.WriteAllTextAsync(note, "keep me");

        Assert.ThrowsAsync<ArchiveException>(() =>
            _hub.Services.GetRequiredService<ArchiveExport>().ExportAsync(old.Month, into, default)
        );

        Assert.That(await File.ReadAllTextAsync(note), Is.EqualTo("keep me"));
        Assert.That(Directory.GetFileSystemEntries(into), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task What_stayed_of_a_month_does_not_keep_it_from_coming_back_and_leaving_again()
    {
        var old = await MonthAsync(2020, 4);
        var finished = await old.AddAsync();
        var unsent = await old.AddAsync(eventState: "waiting");
        await LeavesAsync(old);
        Assert.That(
            await old.RowsOfAsync(unsent),
            Is.EquivalentTo((string[])["event", "status_report", "payload of the report"])
        );
        var folder = Path.Combine(_folder, old.Month.ToString());

        await _hub.Services.GetRequiredService<ArchiveImport>().ImportAsync(folder, default);

        Assert.That(await old.RowsOfAsync(finished), Is.EquivalentTo(s_all));
        Assert.That(await old.RowsOfAsync(unsent), Is.EquivalentTo(s_all));
        Assert.That(
            await _hub.CountAsync($"SELECT count(*) FROM {old.Month.Of("event")}"),
            Is.EqualTo(2),
            "what had stayed is in its month again"
        );
        await _hub.Services.GetRequiredService<ArchivedMonths>().ReleaseAsync(old.Month, default);
        await LeavesAsync(old);
        Assert.That(await old.RowsOfAsync(finished), Is.Empty);
        Assert.That(await old.RowsOfAsync(unsent), Does.Contain("event"));
    }

    [Test]
    public async Task A_month_that_lacks_a_partition_leaves_as_far_as_it_has_them()
    {
        var old = await MonthAsync(2020, 5);
        await _hub.ExecuteAsync($"DROP TABLE {old.Month.Of("event")}");
        var letter = await old.AddAsync();

        await LeavesAsync(old);

        Assert.That(await old.RowsOfAsync(letter), Is.EquivalentTo((string[])["event"]));
        await IsWholeAsync(Path.Combine(_folder, old.Month.ToString()), 1);
    }

    [Test]
    public async Task A_month_that_cannot_be_archived_holds_up_no_later_one()
    {
        var damaged = await MonthAsync(2020, 6);
        var unreadable = await damaged.AddAsync();
        await _hub.ExecuteAsync(
            "UPDATE payload SET bytes = 'x'::bytea WHERE package_id = $1",
            unreadable.Package
        );
        var later = await MonthAsync(2020, 7);
        await later.AddAsync();

        var taken = new HashSet<ArchiveMonth>();
        await Eventually.HoldsAsync(async () =>
        {
            taken.UnionWith(await KeeperAfter(later).LookAsync(default));
            return taken.Contains(later.Month);
        });

        Assert.That(taken, Does.Not.Contain(damaged.Month));
        Assert.That(await damaged.RowsOfAsync(unreadable), Is.EquivalentTo(s_all));
        await _hub.ExecuteAsync(
            $"DROP TABLE {string.Join(", ", Partitions.Parents.Select(damaged.Month.Of))}"
        );
    }

    [Test]
    public async Task What_changes_between_the_archive_and_the_drop_stays()
    {
        var old = await MonthAsync(2020, 8);
        var untouched = await old.AddAsync();
        var assigned = await old.AddAsync();
        var reported = await old.AddAsync();
        var watch = await WatchAsync(old);
        var folder = await _hub
            .Services.GetRequiredService<ArchiveExport>()
            .ExportAsync(old.Month, _folder, default);
        var (manifest, _) = await ArchiveCheck.CheckAsync(folder, default);

        await _hub.ExecuteAsync("UPDATE delivery SET work = '04' WHERE id = $1", assigned.Delivery);
        // A report of today is a row of today, and tells of the old letter all the same.
        await _hub.ExecuteAsync(
            "UPDATE delivery SET event_count = event_count + 1 WHERE id = $1",
            reported.Delivery
        );
        var dropped = await _hub
            .Services.GetRequiredService<MonthDrop>()
            .TryDropAsync(watch, manifest!, folder, TimeSpan.FromMinutes(1), default);

        Assert.That(dropped, Is.True);
        Assert.That(await old.RowsOfAsync(untouched), Is.Empty);
        foreach (var letter in (OldLetter[])[assigned, reported])
        {
            Assert.That(
                await old.RowsOfAsync(letter),
                Is.EquivalentTo(s_all.Except(["event"])),
                "but for events that were taken"
            );
        }
        Assert.That(
            await _hub.CountAsync("SELECT count(*) FROM delivery WHERE work = '04'"),
            Is.EqualTo(1)
        );
        Assert.That(await _hub.CountAsync("SELECT count(*) FROM month_change"), Is.Zero);
    }

    [Test]
    public async Task A_letter_stays_for_a_recipient_who_came_months_later()
    {
        var old = await MonthAsync(2021, 1);
        var letter = await old.AddAsync();
        await _hub.ExecuteAsync(
            """
            INSERT INTO delivery SELECT (jsonb_populate_record(d, jsonb_build_object('id', $2, 'state', 'held'))).*
            FROM delivery d WHERE id = $1
            """,
            letter.Delivery,
            Guid.CreateVersion7()
        );

        await LeavesAsync(old);

        Assert.That(await old.RowsOfAsync(letter), Is.EquivalentTo(s_all));
    }

    [Test]
    public async Task A_row_that_comes_into_a_month_after_its_archive_keeps_the_month()
    {
        var old = await MonthAsync(2020, 9);
        await old.AddAsync();
        var watch = await WatchAsync(old);
        var folder = await _hub
            .Services.GetRequiredService<ArchiveExport>()
            .ExportAsync(old.Month, _folder, default);
        var (manifest, _) = await ArchiveCheck.CheckAsync(folder, default);
        // A hub whose clock is years behind.
        var late = await old.AddAsync();

        Assert.That(
            await _hub
                .Services.GetRequiredService<MonthDrop>()
                .TryDropAsync(watch, manifest!, folder, TimeSpan.FromMinutes(1), default),
            Is.False
        );
        Assert.That(await old.RowsOfAsync(late), Is.EquivalentTo(s_all));
        await LeavesAsync(old);
    }

    [Test]
    public async Task Events_that_nobody_took_leave_with_their_month_once_the_feed_has_let_them_go()
    {
        var old = await MonthAsync(2020, 10);
        var unread = await old.AddAsync(eventState: "listed");
        var ofAxis = await old.AddAsync(eventState: "listed", listener: "national/axis");
        var young = await old.AddAsync(eventState: "listed", at: old.Month.End.AddDays(-1));
        // 29 days after the youngest.
        var now = old.Month.End.AddDays(28);
        await _hub
            .Services.GetRequiredService<ArchiveExport>()
            .ExportAsync(old.Month, Path.Combine(_folder, "before"), default);

        await Eventually.HoldsAsync(async () =>
            (await KeeperAt(now, months: 0).LookAsync(default)).Contains(old.Month)
        );

        Assert.That(await old.RowsOfAsync(unread), Is.Empty);
        foreach (var letter in (OldLetter[])[ofAxis, young])
        {
            Assert.That(
                await old.RowsOfAsync(letter),
                Is.EquivalentTo((string[])["event", "status_report", "payload of the report"])
            );
        }
    }

    [Test]
    public async Task An_export_outlives_the_end_of_sessions_that_are_silent_in_a_transaction()
    {
        var old = await MonthAsync(2020, 11);
        await old.AddAsync();
        using var pauses = new LongPause(_hub.Database);
        var builder = new NpgsqlDataSourceBuilder(
            new NpgsqlConnectionStringBuilder(_hub.DatabaseConnectionString)
            {
                Options = "-c idle_in_transaction_session_timeout=500ms",
                ApplicationName = LongPause.Application,
            }.ConnectionString
        );
        builder.UseLoggerFactory(pauses);
        await using var impatient = builder.Build();

        var folder = await new ArchiveExport(
            impatient,
            _hub.Services.GetRequiredService<PayloadStore>(),
            TimeProvider.System
        ).ExportAsync(old.Month, Path.Combine(_folder, "slow"), default);

        Assert.That(pauses.Happened, Is.True);
        await IsWholeAsync(folder, 1);
    }

    [Test]
    public async Task The_receipts_of_a_month_are_copied_however_long_that_takes()
    {
        var old = await MonthAsync(2020, 12);
        var letter = await old.AddAsync();
        var watch = await WatchAsync(old);
        var folder = await _hub
            .Services.GetRequiredService<ArchiveExport>()
            .ExportAsync(old.Month, _folder, default);
        var (manifest, _) = await ArchiveCheck.CheckAsync(folder, default);
        await using var hurried = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(_hub.DatabaseConnectionString)
            {
                CommandTimeout = 2,
                ApplicationName = "axis-receipts",
            }.ConnectionString
        );

        Task<bool> dropping;
        await using (var slow = await _hub.Database.OpenConnectionAsync())
        await using (await slow.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand(
                "LOCK TABLE archived_receipt IN SHARE MODE",
                slow
            );
            await hold.ExecuteNonQueryAsync();
            dropping = new MonthDrop(hurried, TimeProvider.System).TryDropAsync(
                watch,
                manifest!,
                folder,
                TimeSpan.FromMinutes(1),
                default
            );
            await Eventually.HoldsAsync(async () =>
                dropping.IsCompleted || await HubRows.WaitsAsync(_hub.Database, "axis-receipts")
            );
        }

        Assert.That(await dropping, Is.True);
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM archived_receipt WHERE package_id IN ('{letter.Package}', '{letter.Report}')"
            ),
            Is.EqualTo(2)
        );
    }

    private async Task<OldMonth> MonthAsync(int year, int month)
    {
        var old = new OldMonth(_hub, year, month);
        await old.MakePartitionsAsync();
        return old;
    }

    private async Task<MonthWatch> WatchAsync(OldMonth old) =>
        await Eventually.GetAsync(() => MonthWatch.BeginAsync(_hub.Database, old.Month, default));

    // The lock gives way to whoever uses the tables at that moment, the hub's own polls among them.
    private Task LeavesAsync(OldMonth old) =>
        Eventually.HoldsAsync(async () =>
            (await KeeperAfter(old).LookAsync(default)).Contains(old.Month)
        );

    private static async Task IsWholeAsync(string folder, long packages)
    {
        var (manifest, problems) = await ArchiveCheck.CheckAsync(folder, default);
        Assert.That(problems, Is.Empty);
        Assert.That(manifest!.RowsOf("package"), Is.EqualTo(packages));
    }

    private RetentionKeeper KeeperAfter(OldMonth old) => KeeperAt(old.Month.Start.AddMonths(7));

    private RetentionKeeper KeeperAt(DateTimeOffset now, int months = 6)
    {
        var clock = new SetClock(now);
        return new(
            _hub.Database,
            _hub.Services.GetRequiredService<ArchiveExport>(),
            _hub.Services.GetRequiredService<MonthDrop>(),
            _hub.Services.GetRequiredService<ArchivedMonths>(),
            new UnreadEvents(
                _hub.Database,
                Options.Create(new Axis.Hub.Events.EventOptions()),
                clock
            ),
            _hub.Services.GetRequiredService<AuditLog>(),
            Options.Create(
                new RetentionOptions
                {
                    Months = months,
                    ArchiveFolder = _folder,
                    DropPatience = TimeSpan.Zero,
                }
            ),
            clock,
            NullLogger<RetentionKeeper>.Instance
        );
    }
}
