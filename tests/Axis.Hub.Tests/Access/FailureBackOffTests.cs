using Axis.Hub.Access;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Access;

public sealed class FailureBackOffTests
{
    private readonly SetClock _clock = new(new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));

    [Test]
    public void The_wait_doubles_with_each_failure_beyond_the_free_ones_up_to_the_longest()
    {
        var backOff = Create();
        var waits = new List<double>();
        for (var i = 0; i < 14; i++)
        {
            backOff.Failed("qlvb-so", "10.0.0.1");
            waits.Add(backOff.WaitOf("qlvb-so", "10.0.0.1").TotalSeconds);
        }
        Assert.That(
            waits,
            Is.EqualTo(new double[] { 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60 })
        );
    }

    [Test]
    public void Failures_from_one_address_do_not_lock_the_client_out_at_another()
    {
        var backOff = Create();
        Fail(backOff, 20, "qlvb-so", "10.0.0.66");
        Assert.That(backOff.WaitOf("qlvb-so", "10.0.0.1"), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_success_and_a_quarter_of_an_hour_forgive()
    {
        var backOff = Create();
        Fail(backOff, 10, "qlvb-so", "10.0.0.1");
        backOff.Succeeded("qlvb-so", "10.0.0.1");
        backOff.Failed("qlvb-so", "10.0.0.1");
        Assert.That(backOff.WaitOf("qlvb-so", "10.0.0.1"), Is.EqualTo(TimeSpan.Zero));

        Fail(backOff, 10, "qlvb-so", "10.0.0.1");
        _clock.Now += TimeSpan.FromMinutes(15);
        backOff.Failed("qlvb-so", "10.0.0.1");
        Assert.That(backOff.WaitOf("qlvb-so", "10.0.0.1"), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_flood_of_ids_stays_within_its_room_and_keeps_the_latest()
    {
        var backOff = Create();
        for (var i = 0; i < 5000; i++)
        {
            Fail(backOff, 5, $"client-{i}", "10.0.0.66");
            _clock.Now += TimeSpan.FromMilliseconds(1);
        }
        Assert.That(backOff.WaitOf("client-4999", "10.0.0.66"), Is.GreaterThan(TimeSpan.Zero));
        Assert.That(backOff.WaitOf("client-0", "10.0.0.66"), Is.EqualTo(TimeSpan.Zero));
    }

    private static void Fail(FailureBackOff backOff, int times, string client, string remote)
    {
        for (var i = 0; i < times; i++)
        {
            backOff.Failed(client, remote);
        }
    }

    private FailureBackOff Create() =>
        new(Options.Create(new AccessOptions { RememberedFailures = 100 }), _clock);
}
