using Axis.Hub.Events;
using Axis.Hub.Storage.Archive;
using Axis.TestKit;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Events;

/// <summary>Events can be replayed for as long as it is promised: their months stay so long.</summary>
public sealed class EventOptionsTests
{
    [TestCase(0, 366, true)]
    [TestCase(1, 27, true)]
    [TestCase(1, 28, false)]
    [TestCase(1, 30, false)]
    [TestCase(2, 30, true)]
    [TestCase(2, 58, true)]
    [TestCase(2, 59, false)]
    [TestCase(12, 364, true)]
    [TestCase(12, 365, false)]
    [TestCase(13, 366, true)]
    [TestCase(1200, 366, true)]
    public void Events_are_kept_for_fewer_days_than_their_months(
        int months,
        int days,
        bool valid
    ) =>
        Assert.That(
            new EventOptionsCheck(Options.Create(new RetentionOptions { Months = months }))
                .Validate(null, new EventOptions { KeepDays = days })
                .Succeeded,
            Is.EqualTo(valid)
        );

    [Test]
    public void A_hub_that_would_lose_events_before_their_time_does_not_start()
    {
        var refused = Assert.ThrowsAsync<OptionsValidationException>(async () =>
            await TestHub.StartAsync(
                LocalServersSetUp.Servers,
                settings:
                [
                    ("Retention:Months", "1"),
                    ("Retention:ArchiveFolder", Path.GetTempPath()),
                    ("Listen:Ops", "http://127.0.0.1:0"),
                ]
            )
        );
        Assert.That(refused!.Message, Does.Contain("Events:KeepDays").And.Contain("27"));
    }
}
