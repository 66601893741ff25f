using System.Net;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Delivery;

/// <summary>An agency passes from one office system to another while letters lie in the inbox.</summary>
public sealed class HandOverTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private static int s_next = 10;

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        _office = await _hub.ClientAsync("office");
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        _office.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task From_HTTP_to_HTTP_the_letter_changes_the_inbox_and_keeps_its_id()
    {
        var (agency, from, to) = await TwoSystemsAsync(Door.Http, Door.Http);
        using var old = await _hub.ClientAsync(from);
        using var heir = await _hub.ClientAsync(to);
        var delivery = await SendAsync(agency);
        var collected = await SendAsync(agency);
        await old.AcknowledgeAsync(collected);

        await _hub.HandOverAsync(agency, to, TimeProvider.System.GetUtcNow());

        await Eventually.HoldsAsync(async () => (await InboxOfAsync(heir)).Contains(delivery));
        Assert.That(await InboxOfAsync(heir), Is.EqualTo(new[] { delivery }));
        Assert.That(await InboxOfAsync(old), Is.Empty);
        Assert.That(await old.AcknowledgeAsync(delivery), Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(
            (await old.GetAnswerAsync($"v1/inbox/{delivery}/content")).Status,
            Is.EqualTo(HttpStatusCode.NotFound)
        );
        // What was collected stays with whoever did.
        Assert.That(await old.AcknowledgeAsync(collected), Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(await heir.AcknowledgeAsync(delivery), Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task From_AMQP_to_AMQP_the_new_system_gets_it_and_the_old_copy_is_refused()
    {
        var (agency, from, to) = await TwoSystemsAsync(Door.Amqp, Door.Amqp);
        await using var old = await AmqpOfficeSystem.ConnectAsync(_hub, from);
        await using var heir = await AmqpOfficeSystem.ConnectAsync(_hub, to);
        await heir.ListenAsync();
        var delivery = await SendAsync(agency);
        await DispatchedAsync(delivery);

        await _hub.HandOverAsync(agency, to, TimeProvider.System.GetUtcNow());

        await Eventually.HoldsAsync(() => Task.FromResult(heir.Inbox.Count > 0));
        Assert.That(heir.Inbox.Single().MessageId, Is.EqualTo(delivery.ToString()));
        // The old system finds its copy only now.
        await old.ListenAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(old.Inbox.Count > 0));
        await old.AcknowledgeAsync(delivery);
        var problem = await Eventually.GetAsync(() =>
            Task.FromResult(old.Problems.FirstOrDefault())
        );
        Assert.That(
            problem.Json.GetProperty("errors")[0].GetProperty("code").GetString(),
            Is.EqualTo("AXIS-5201")
        );
        await heir.AcknowledgeAsync(delivery);
        await StateAsync(delivery, "collected");
    }

    [Test]
    public async Task From_AMQP_to_HTTP_and_back_again()
    {
        var (agency, from, to) = await TwoSystemsAsync(Door.Amqp, Door.Http);
        await using var old = await AmqpOfficeSystem.ConnectAsync(_hub, from);
        using var heir = await _hub.ClientAsync(to);
        var delivery = await SendAsync(agency);
        await DispatchedAsync(delivery);

        await _hub.HandOverAsync(agency, to, TimeProvider.System.GetUtcNow());
        await Eventually.HoldsAsync(async () => (await InboxOfAsync(heir)).Contains(delivery));

        await _hub.HandOverAsync(agency, from, TimeProvider.System.GetUtcNow());
        await Eventually.HoldsAsync(async () => (await InboxOfAsync(heir)).Count == 0);
        Assert.That(await heir.AcknowledgeAsync(delivery), Is.EqualTo(HttpStatusCode.Conflict));
        await old.WaitForQueuesAsync();
        await old.AcknowledgeAsync(delivery);
        await StateAsync(delivery, "collected");
    }

    [Test]
    public async Task When_an_agency_merges_what_it_had_not_collected_goes_to_the_successor()
    {
        var (agency, from, to) = await TwoSystemsAsync(Door.Http, Door.Http);
        var successor = $"H88.{Interlocked.Increment(ref s_next)}";
        await _hub.AddServedAsync(to + "-r", Door.Http, successor);
        using var old = await _hub.ClientAsync(from);
        using var heir = await _hub.ClientAsync(to + "-r");
        var delivery = await SendAsync(agency);

        var now = TimeProvider.System.GetUtcNow();
        await _hub.HandOverAsync(agency, null, now);
        await _hub.CloseAsync(agency, now, successor);

        await Eventually.HoldsAsync(async () => (await InboxOfAsync(heir)).Contains(delivery));
        var item = (await heir.ItemsAsync("v1/inbox"))[0];
        Assert.That(item.GetProperty("recipient").GetString(), Is.EqualTo(agency));
        Assert.That(
            item.GetProperty("substitution").GetProperty("agency").GetString(),
            Is.EqualTo(successor)
        );
        Assert.That(await InboxOfAsync(old), Is.Empty);
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM delivery_history WHERE delivery_id = '{delivery}' AND what = 'handed_over'"
            ),
            Is.EqualTo(1)
        );
        var told = (await _office.ItemsAsync("v1/events?limit=1000"))
            .Where(one => one.GetProperty("subject").GetString() == delivery.ToString())
            .ToArray();
        Assert.That(
            told.Select(one => one.GetProperty("type").GetString()),
            Is.EqualTo(new[] { "vn.axis.delivery.substituted" }),
            "the sender hears who receives it now, once"
        );
        Assert.That(
            told[0]
                .GetProperty("data")
                .GetProperty("substitution")
                .GetProperty("agency")
                .GetString(),
            Is.EqualTo(successor)
        );
    }

    [Test]
    public async Task A_submission_that_commits_after_the_move_is_moved_by_the_next_look()
    {
        var (agency, from, to) = await TwoSystemsAsync(Door.Http, Door.Http);
        using var heir = await _hub.ClientAsync(to);
        var first = await SendAsync(agency);
        await _hub.HandOverAsync(agency, to, TimeProvider.System.GetUtcNow());
        await Eventually.HoldsAsync(async () => (await InboxOfAsync(heir)).Contains(first));

        // As a node would leave it that had routed the letter just before the instant.
        var late = await SendAsync(agency);
        await _hub.CountAsync(
            $"WITH u AS (UPDATE delivery SET office_system_id = '{from}' WHERE id = '{late}' RETURNING 1) SELECT count(*) FROM u"
        );
        await Eventually.HoldsAsync(async () => (await InboxOfAsync(heir)).Contains(late));
    }

    private async Task<(string Agency, string From, string To)> TwoSystemsAsync(Door from, Door to)
    {
        var n = Interlocked.Increment(ref s_next);
        var agency = $"H88.{n}";
        await _hub.AddServedAsync($"from-{n}", from, agency);
        await _hub.AddServedAsync($"to-{n}", to);
        return (agency, $"from-{n}", $"to-{n}");
    }

    private async Task<Guid> SendAsync(string agency)
    {
        var receipt = await _office.SubmitAsync(new Letter(TestProvince.Office, agency).Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        return receipt.DeliveryTo(agency);
    }

    private Task DispatchedAsync(Guid delivery) => StateAsync(delivery, "dispatched");

    private Task StateAsync(Guid delivery, string state) =>
        Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                $"SELECT count(*) FROM delivery WHERE id = '{delivery}' AND state = '{state}'"
            ) == 1
        );

    private static async Task<IReadOnlyList<Guid>> InboxOfAsync(HttpClient client) =>
        [
            .. (await client.ItemsAsync("v1/inbox")).Select(item =>
                item.GetProperty("deliveryId").GetGuid()
            ),
        ];
}
