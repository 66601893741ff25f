using Axis.Hub.National;

namespace Axis.Hub.Tests.National;

/// <summary>When an item that does not come in is tried again, and when no more.</summary>
public sealed class ItemTroublesTests
{
    private static readonly NationalOptions s_options = new()
    {
        FirstRetry = TimeSpan.FromSeconds(5),
        LongestRetry = TimeSpan.FromSeconds(30),
        MaxFetches = 4,
    };

    private HandClock _clock = null!;
    private ItemTroubles _troubles = null!;

    [SetUp]
    public void Begin()
    {
        _clock = new HandClock(DateTimeOffset.UnixEpoch);
        _troubles = new ItemTroubles(s_options, _clock);
    }

    [Test]
    public void Two_tries_keep_their_place_and_then_each_pause_is_twice_the_one_before()
    {
        for (var tries = 1; tries < 3; tries++)
        {
            _troubles.IsHopeless("a", isOfItem: false);
            Assert.That((_troubles.MayTry("a"), _troubles.IsLast("a")), Is.EqualTo((true, false)));
        }
        foreach (var seconds in (int[])[5, 10, 20, 30, 30])
        {
            _troubles.IsHopeless("a", isOfItem: false);
            Assert.That(_troubles.IsLast("a"), Is.True);
            _clock.Advance(TimeSpan.FromSeconds(seconds - 1));
            Assert.That(_troubles.MayTry("a"), Is.False, $"before {seconds} s");
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.That(_troubles.MayTry("a"), Is.True, $"after {seconds} s");
        }
        Assert.That((_troubles.MayTry("b"), _troubles.IsLast("b")), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_clock_that_is_set_back_makes_nothing_wait_longer()
    {
        for (var i = 0; i < 3; i++)
        {
            _troubles.IsHopeless("a", isOfItem: false);
        }
        _clock.Set(DateTimeOffset.UnixEpoch - TimeSpan.FromDays(1));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(_troubles.MayTry("a"), Is.True);
    }

    [Test]
    public void An_item_at_fault_is_given_up_with_its_last_try() =>
        Assert.That(
            Enumerable.Range(0, 4).Select(_ => _troubles.IsHopeless("a", isOfItem: true)),
            Is.EqualTo(new[] { false, false, false, true })
        );

    [Test]
    public void A_fault_of_the_line_condemns_nothing_however_often_it_comes()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.That(_troubles.IsHopeless("a", isOfItem: false), Is.False);
        }
    }

    [Test]
    public void What_is_handed_out_has_no_trouble_left_but_that_of_the_hub()
    {
        for (var i = 0; i < 3; i++)
        {
            _troubles.IsHopeless("a", isOfItem: false);
            _troubles.IsHopeless("b", isOfItem: true, wasFetched: true);
        }
        _troubles.Fetched("a");
        _troubles.Fetched("b");
        Assert.That((_troubles.IsLast("a"), _troubles.IsLast("b")), Is.EqualTo((false, true)));
        Assert.That(_troubles.IsHopeless("b", isOfItem: true, wasFetched: true), Is.True);
    }

    [Test]
    public void What_is_listed_no_more_begins_anew()
    {
        for (var tries = 0; tries < 3; tries++)
        {
            _troubles.IsHopeless("a", isOfItem: true);
            _troubles.IsHopeless("b", isOfItem: true);
        }
        _troubles.KeepOnly([new FarItem("b", FarKind.Document, "", "")]);
        Assert.That((_troubles.MayTry("a"), _troubles.MayTry("b")), Is.EqualTo((true, false)));
        _troubles.Ended("b");
        Assert.That(_troubles.MayTry("b"), Is.True);
    }
}
