using System.Net;
using Axis.Hub.Events;
using Axis.Hub.Tests.Access;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using static Axis.Hub.Tests.Events.FeedProvince;

namespace Axis.Hub.Tests.Events;

/// <summary>The days of the feed: made before they come, kept for thirty, and whatever the clock does.</summary>
public sealed class FeedDaysTests
{
    private SetClock _clock = null!;
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        // Ahead of the database, whose own clock says since when agencies are served.
        _clock = new SetClock(TimeProvider.System.GetUtcNow().AddHours(1));
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            _clock,
            // Only when the test says so, or the hub has written an event itself.
            settings: [("Events:LookInterval", "1.00:00:00")]
        );
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _hub.DisposeAsync();

    [Test]
    public async Task An_event_can_be_read_again_for_thirty_days_and_then_its_cursor_is_refused()
    {
        using (var office = await _hub.ClientAsync("office"))
        using (var commune = await _hub.ClientAsync("commune"))
        {
            await LetterWithAsync(office, commune, "01", "03", "06");
            await WhenThereAreAsync(office, 3, "0");
        }

        _clock.Now += TimeSpan.FromDays(30);
        await RoundAsync();
        using (var office = await _hub.ClientAsync("office"))
        {
            var (again, _) = await ReadAllAsync(office);
            Assert.That(again.Select(StatusOf), Is.EqualTo(new[] { "01", "03", "06" }));
        }

        var cursor = FeedPosition.BeforeDay(FeedPosition.DayOf(_clock.Now) - 30);
        _clock.Now += TimeSpan.FromDays(2);
        await RoundAsync();
        using (var office = await _hub.ClientAsync("office"))
        {
            var old = await office.GetAnswerAsync($"v1/events/feed?after={cursor}");
            Assert.That(old.Status, Is.EqualTo(HttpStatusCode.Gone));
            Assert.That(old.Codes, Is.EqualTo(new[] { "AXIS-5401" }));
        }
    }

    [Test]
    public async Task A_clock_that_is_set_forward_between_two_readings_keeps_no_event_waiting()
    {
        await using (
            var write = _hub.Database.CreateCommand(
                """
                INSERT INTO event (id, office_system_id, type, at, delivery_id, body, state, sequence)
                VALUES ($1, 'department', 'vn.axis.delivery.status', now(), $1, '{}', 'listed', 1)
                """
            )
        )
        {
            write.Parameters.Add(new() { Value = Guid.CreateVersion7() });
            await write.ExecuteNonQueryAsync();
        }

        var leaping = new LeapingClock(_clock.Now);
        // Any transaction of the server that still runs keeps it waiting for another round.
        await Eventually.HoldsAsync(async () =>
        {
            await RoundAsync(leaping);
            return await _hub.CountAsync(
                    "SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT FROM event_feed f WHERE f.event_id = e.id)"
                ) == 0;
        });
    }

    private async Task RoundAsync(TimeProvider? clock = null)
    {
        using var keeper = ActivatorUtilities.CreateInstance<EventFeedKeeper>(
            _hub.Services,
            clock ?? _clock
        );
        await keeper.RoundAsync(default);
    }

    /// <summary>Five days later at each look.</summary>
    private sealed class LeapingClock(DateTimeOffset start) : TimeProvider
    {
        private int _looks;

        public override DateTimeOffset GetUtcNow() =>
            start.AddDays(5 * Interlocked.Increment(ref _looks));
    }
}
