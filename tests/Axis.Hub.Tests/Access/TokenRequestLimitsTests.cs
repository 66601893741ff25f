using System.Net;
using Axis.Hub.Access;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Access;

public sealed class TokenRequestLimitsTests
{
    private readonly SetClock _clock = new(new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));

    [Test]
    public void A_minutes_worth_may_come_at_once_and_then_they_come_in_evenly()
    {
        var limits = Create(perClient: 60);
        Assert.That(Asked(limits, "qlvb", "10.0.0.1", 100), Is.EqualTo(60));
        Assert.That(Wait(limits, "qlvb", "10.0.0.1"), Is.EqualTo(TimeSpan.FromSeconds(1)));
        _clock.Now += TimeSpan.FromSeconds(3);
        Assert.That(Asked(limits, "qlvb", "10.0.0.1", 100), Is.EqualTo(3));
        _clock.Now += TimeSpan.FromHours(1);
        Assert.That(Asked(limits, "qlvb", "10.0.0.1", 100), Is.EqualTo(60), "never more");
    }

    [Test]
    public void A_clock_that_is_set_back_keeps_nobody_waiting()
    {
        var limits = Create(perClient: 60);
        Asked(limits, "qlvb", "10.0.0.1", 10);
        _clock.Now -= TimeSpan.FromDays(3);
        Assert.That(Asked(limits, "qlvb", "10.0.0.1", 100), Is.EqualTo(60));
    }

    [Test]
    public void Who_names_a_client_elsewhere_does_not_lock_it_out()
    {
        var limits = Create(perClient: 5);
        Asked(limits, "qlvb", "203.0.113.9", 100);
        Assert.That(Wait(limits, "qlvb", "10.0.0.1"), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void An_address_is_counted_whoever_asks_and_a_network_of_IPv6_is_one()
    {
        var limits = Create(perAddress: 10);
        foreach (var i in Enumerable.Range(0, 10))
        {
            Assert.That(
                limits.AskFrom(IPAddress.Parse($"2001:db8:1:2::{i}")),
                Is.EqualTo(TimeSpan.Zero)
            );
        }
        Assert.That(
            limits.AskFrom(IPAddress.Parse("2001:db8:1:2::ffff")),
            Is.GreaterThan(TimeSpan.Zero)
        );
        Assert.That(limits.AskFrom(IPAddress.Parse("2001:db8:1:3::1")), Is.EqualTo(TimeSpan.Zero));
        Assert.That(limits.AskFrom(IPAddress.Parse("::ffff:10.0.0.1")), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_flood_of_keys_stays_within_its_room_and_keeps_who_asked_most()
    {
        var paced = new PacedKeys(_clock, capacity: 100);
        for (var i = 0; i < 60; i++)
        {
            paced.Ask("busy", 60);
        }
        for (var i = 0; i < 10_000; i++)
        {
            paced.Ask($"made-up-{i}", 60);
            Assert.That(paced.Count, Is.LessThanOrEqualTo(100));
        }
        Assert.That(paced.Ask("busy", 60), Is.GreaterThan(TimeSpan.Zero));
    }

    private TokenRequestLimits Create(int perClient = 1000, int perAddress = 1000) =>
        new(
            Options.Create(
                new AccessOptions
                {
                    TokenRequestsPerClient = perClient,
                    TokenRequestsPerAddress = perAddress,
                }
            ),
            _clock
        );

    private static TimeSpan Wait(TokenRequestLimits limits, string client, string address) =>
        limits.AskAs(client, IPAddress.Parse(address));

    private static int Asked(TokenRequestLimits limits, string client, string address, int times) =>
        Enumerable.Range(0, times).Count(_ => Wait(limits, client, address) == TimeSpan.Zero);
}
