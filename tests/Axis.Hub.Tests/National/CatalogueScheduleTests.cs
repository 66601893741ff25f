using Axis.Hub.National;
using Axis.Hub.National.Catalogue;
using Axis.Hub.Storage;
using Axis.NationalSim;
using Axis.NationalSim.Catalogue;
using Axis.TestKit;
using Axis.Vxp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.National;

/// <summary>When the catalogue is read without anybody asking.</summary>
public sealed class CatalogueScheduleTests
{
    private const string New = "G97";

    private static readonly TimeSpan s_every = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(5);

    private Border _border = null!;
    private HandClock _clock = null!;

    [OneTimeSetUp]
    public async Task OpenAsync() => _border = await Border.OpenAsync(LocalServersSetUp.Servers);

    [OneTimeTearDown]
    public async Task CloseAsync() => await _border.DisposeAsync();

    [SetUp]
    public async Task BeginAsync()
    {
        _border.Sim.Vices.Clear();
        _clock = new HandClock(TimeProvider.System.GetUtcNow());
        await _border.Hub.ChangeRegistryAsync("DELETE FROM far_catalogue");
    }

    [Test]
    public async Task It_is_read_at_once_and_then_when_it_is_due_and_not_before()
    {
        _border.Sim.Add(new KnownAgency(New, "", "Bộ mới"));
        using var schedule = Schedule(s_every, apply: false);
        var before = Readings();

        await schedule.StartAsync(default);
        await _clock.SomebodySleepsAsync();
        Assert.That(Readings(), Is.EqualTo(before + 1));
        Assert.That(await KnownAsync(), Is.False, "it was only shown");
        await RanNowAsync();
        for (var look = 1; look < 12; look++)
        {
            await LookAgainAsync();
            Assert.That(Readings(), Is.EqualTo(before + 1), $"look {look}");
        }
        await LookAgainAsync();
        Assert.That(Readings(), Is.EqualTo(before + 2));
        await schedule.StopAsync(default);
    }

    [Test]
    public async Task Told_to_it_writes_what_it_read()
    {
        _border.Sim.Add(new KnownAgency(New, "", "Bộ mới"));
        using var schedule = Schedule(s_every, apply: true);

        await schedule.StartAsync(default);
        await _clock.SomebodySleepsAsync();

        Assert.That(await KnownAsync(), Is.True);
        Assert.That((await LastAsync())!.Applied, Is.True);
        await schedule.StopAsync(default);
    }

    [Test]
    public async Task A_reading_that_failed_is_told_and_the_next_one_ends_it()
    {
        _border.Sim.Vices.Set(ViceKind.HtmlPage);
        using var schedule = Schedule(s_every, apply: true);

        await schedule.StartAsync(default);
        await _clock.SomebodySleepsAsync();
        Assert.That((await LastAsync())!.Failure, Does.StartWith("Unintelligible"));
        Assert.That(await ComplaintAsync(), Is.Not.Null);
        await RanNowAsync();
        var before = Readings();
        await LookAgainAsync();
        Assert.That(Readings(), Is.EqualTo(before), "a failing axis is not hammered");

        _border.Sim.Vices.Clear();
        _clock.Advance(s_every);
        await _clock.SomebodySleepsAsync();

        Assert.That((await LastAsync())!.Failure, Is.Null);
        Assert.That(await ComplaintAsync(), Is.Null);
        await schedule.StopAsync(default);
    }

    [Test]
    public async Task While_another_node_reads_it_this_one_does_not()
    {
        var before = Readings();
        using var schedule = Schedule(s_every, apply: false);
        await using (
            await SingleRunner.TryTakeAsync(
                _border.Hub.Database,
                SingleRunner.FarCatalogue,
                default
            )
        )
        {
            await schedule.StartAsync(default);
            await _clock.SomebodySleepsAsync();
            Assert.That(Readings(), Is.EqualTo(before));
        }
        await LookAgainAsync();
        Assert.That(Readings(), Is.EqualTo(before + 1));
        await schedule.StopAsync(default);
    }

    [Test]
    public async Task Without_a_pace_nothing_is_read_by_itself()
    {
        using var schedule = Schedule(TimeSpan.Zero, apply: true);

        await schedule.StartAsync(default);
        await schedule.ExecuteTask!;

        Assert.That(await LastAsync(), Is.Null);
    }

    private CatalogueSchedule Schedule(TimeSpan every, bool apply) =>
        new(
            _border.Hub.Database,
            Service<CatalogueSync>(),
            Service<CatalogueRuns>(),
            Service<IOptions<NationalOptions>>(),
            Options.Create(new CatalogueSyncOptions { Every = every, Apply = apply }),
            _clock,
            NullLogger<CatalogueSchedule>.Instance
        );

    private T Service<T>()
        where T : notnull => _border.Hub.Services.GetRequiredService<T>();

    private async Task LookAgainAsync()
    {
        _clock.Advance(s_look);
        await _clock.SomebodySleepsAsync();
    }

    /// <summary>The hub wrote its own time down, which goes on while the test's stands.</summary>
    private Task RanNowAsync() =>
        _border.Hub.ChangeRegistryAsync("UPDATE far_catalogue SET ran_at = $1", _clock.GetUtcNow());

    private int Readings() =>
        _border.Sim.Calls(10_000).Count(call => call.Call == VxpCall.GetAgenciesList.Name);

    private Task<CatalogueRun?> LastAsync() =>
        Service<CatalogueRuns>().ReadAsync("national", default);

    private Task<string?> ComplaintAsync() =>
        Service<CatalogueRuns>().ComplaintAsync("national", default);

    private async Task<bool> KnownAsync() =>
        await _border.Hub.CountAsync($"SELECT count(*) FROM agency_code WHERE code = '{New}'") > 0;
}
