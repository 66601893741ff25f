using Axis.Hub.Delivery;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Delivery;

/// <summary>What recovery takes first. Without a broker, so that nobody else claims.</summary>
public sealed class ClaimTests
{
    [Test]
    public async Task Urgent_deliveries_are_claimed_before_a_backlog_that_was_due_first()
    {
        await using var hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings: ("Broker:Uri", "amqp://guest:guest@127.0.0.1:1/")
        );
        using var office = await hub.ClientAsync("office");
        for (var i = 0; i < 3; i++)
        {
            await office.SubmitAsync(
                new Letter(TestProvince.Office, TestProvince.Department).Signed()
            );
        }
        var urgent = await office.SubmitAsync(
            (
                new Letter(TestProvince.Office, TestProvince.Department) with
                {
                    Priority = 3,
                }
            ).Signed()
        );
        await using (
            var command = hub.Database.CreateCommand(
                "UPDATE delivery SET next_attempt_at = created_at WHERE state = 'waiting'"
            )
        )
        {
            await command.ExecuteNonQueryAsync();
        }

        var outbox = hub.Services.GetRequiredService<DeliveryOutbox>();
        var first = await outbox.ClaimDueAsync(1, CancellationToken.None);
        var second = await outbox.ClaimDueAsync(2, CancellationToken.None);
        var third = await outbox.ClaimDueAsync(100, CancellationToken.None);

        Assert.That(
            first.Select(item => item.DeliveryId),
            Is.EqualTo(new[] { urgent.DeliveryTo(TestProvince.Department) })
        );
        Assert.That(second, Has.Count.EqualTo(2));
        Assert.That(third, Has.Count.EqualTo(1), "what is claimed is not claimed again");
    }
}
