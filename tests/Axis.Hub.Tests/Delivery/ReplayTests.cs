using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Delivery;

/// <summary>Dead letters: seen by group, tried again singly and at a pace, once for each order.</summary>
public sealed class ReplayTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _operator = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings:
            [
                ("Delivery:MaxAttempts", "1"),
                ("Delivery:FirstRetry", "00:00:00.100"),
                ("Delivery:RecoveryInterval", "00:00:00.100"),
            ]
        );
        await _hub.AddOperatorAsync("truc-vh", "viewer", "operator", "auditor");
        await _hub.AddOperatorAsync("xem", "viewer");
        await ConnectAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _operator.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task Dead_letters_are_grouped_by_reason_route_and_office_system()
    {
        await FailAsync("damaged_store", 3);
        var group = (await _operator.ItemsAsync("ops/v1/dead-letters")).Single(one =>
            one.GetProperty("failure").GetString() == "damaged_store"
        );
        Assert.That(group.GetProperty("count").GetInt32(), Is.EqualTo(3));
        Assert.That(group.GetProperty("route").GetString(), Is.EqualTo("office_system"));
        Assert.That(group.GetProperty("officeSystem").GetString(), Is.EqualTo("department"));
        Assert.That(group.GetProperty("example").GetString(), Is.EqualTo("made to fail"));
    }

    [Test]
    public async Task One_is_tried_again_singly_and_pressing_twice_is_harmless()
    {
        var one = (await FailAsync("single", 1))[0];
        Assert.That(
            await PostAsync($"ops/v1/deliveries/{one}/retry"),
            Is.EqualTo(HttpStatusCode.Accepted)
        );
        await Eventually.HoldsAsync(() => AreDispatchedAsync([one]));

        var again = await _operator.PostAsync(
            new Uri($"ops/v1/deliveries/{one}/retry", UriKind.Relative),
            null
        );
        Assert.That(
            again.StatusCode,
            Is.EqualTo(HttpStatusCode.Conflict),
            "it is delivered by now"
        );
        Assert.That(
            await PostAsync($"ops/v1/deliveries/{Guid.CreateVersion7()}/retry"),
            Is.EqualTo(HttpStatusCode.NotFound)
        );
    }

    [Test]
    public async Task A_waiting_delivery_does_not_wait_for_its_next_try_when_asked()
    {
        var one = (await FailAsync("late", 1))[0];
        await ExecuteAsync(
            $"UPDATE delivery SET state = 'waiting', next_attempt_at = now() + interval '1 day' WHERE id = '{one}'"
        );
        Assert.That(
            await PostAsync($"ops/v1/deliveries/{one}/retry"),
            Is.EqualTo(HttpStatusCode.Accepted)
        );
        await Eventually.HoldsAsync(() => AreDispatchedAsync([one]));
    }

    [Test]
    public async Task A_group_is_replayed_once_however_often_it_is_ordered_and_over_a_restart()
    {
        var failed = await FailAsync("outage", 12);
        var order = new { failure = "outage", perSecond = 2 };
        var first = await OrderAsync(order);
        var second = await OrderAsync(order);
        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.Created), first.Text);
        Assert.That(second.Status, Is.EqualTo(HttpStatusCode.OK), second.Text);
        var id = first.Json.GetProperty("replayId").GetGuid();
        Assert.That(second.Json.GetProperty("replayId").GetGuid(), Is.EqualTo(id));
        Assert.That(first.Json.GetProperty("total").GetInt32(), Is.EqualTo(12));

        await Eventually.HoldsAsync(async () =>
            (await ReplayAsync(id)).GetProperty("released").GetInt32() > 0
        );
        await _hub.RestartAsync();
        await ConnectAsync();
        // Fails after the order was given, so the order does not mean it.
        var later = await FailAsync("outage", 1);

        await Eventually.HoldsAsync(async () =>
            (await ReplayAsync(id)).GetProperty("state").GetString() == "done"
        );
        await Eventually.HoldsAsync(() => AreDispatchedAsync(failed));
        var done = await ReplayAsync(id);
        Assert.That(done.GetProperty("released").GetInt32(), Is.EqualTo(12));
        Assert.That(done.GetProperty("delivered").GetInt32(), Is.EqualTo(12));
        Assert.That(done.TryGetProperty("nextAt", out _), Is.False);
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM delivery WHERE state = 'failed' AND id = '{later[0]}'"
            ),
            Is.EqualTo(1)
        );
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM audit WHERE action = 'replay.order' AND actor = 'truc-vh' AND detail->>'replayId' = '{id}'"
            ),
            Is.EqualTo(2)
        );
    }

    [Test]
    public async Task A_batch_in_which_one_fails_again_stops_the_replay_before_the_large_batches()
    {
        var failed = await FailAsync("poison", 4);
        await ExecuteAsync(
            $"DELETE FROM payload WHERE package_id = (SELECT package_id FROM delivery WHERE id = '{failed[0]}')"
        );
        var ordered = await OrderAsync(new { failure = "poison", batches = (int[])[1, 50] });
        var id = ordered.Json.GetProperty("replayId").GetGuid();
        await Eventually.HoldsAsync(async () =>
            (await ReplayAsync(id)).GetProperty("state").GetString() == "stopped"
        );
        var stopped = await ReplayAsync(id);
        Assert.That(stopped.GetProperty("released").GetInt32(), Is.EqualTo(1));
        Assert.That(stopped.GetProperty("failedAgain").GetInt32(), Is.EqualTo(1));
        Assert.That(stopped.GetProperty("reason").GetString(), Does.Contain("failed again"));
        Assert.That(
            await PostAsync($"ops/v1/replays/{id}/stop"),
            Is.EqualTo(HttpStatusCode.Conflict)
        );

        // The three that can be read go when asked for without the broken one being the first.
        await ExecuteAsync($"UPDATE delivery SET failure = 'lost' WHERE id = '{failed[0]}'");
        var rest = await OrderAsync(new { failure = "poison", batches = (int[])[1, 50] });
        Assert.That(rest.Json.GetProperty("total").GetInt32(), Is.EqualTo(3));
        await Eventually.HoldsAsync(() => AreDispatchedAsync(failed[1..]));
    }

    [Test]
    public async Task A_running_replay_can_be_stopped()
    {
        await FailAsync("slow", 50);
        var ordered = await OrderAsync(new { failure = "slow", perSecond = 1 });
        var id = ordered.Json.GetProperty("replayId").GetGuid();
        Assert.That(await PostAsync($"ops/v1/replays/{id}/stop"), Is.EqualTo(HttpStatusCode.OK));
        var stopped = await ReplayAsync(id);
        Assert.That(stopped.GetProperty("state").GetString(), Is.EqualTo("stopped"));
        Assert.That(stopped.GetProperty("reason").GetString(), Is.EqualTo("stopped by truc-vh"));
        Assert.That(
            (await _operator.ItemsAsync("ops/v1/replays")).Select(one =>
                one.GetProperty("replayId").GetGuid()
            ),
            Does.Contain(id)
        );
    }

    [TestCase("""{"failure":"nothing-failed-like-this"}""", HttpStatusCode.UnprocessableEntity)]
    [TestCase("""{"failure":"x","perSecond":0}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"failure":"x","perSecond":1,"batches":[1]}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"failure":"x","batches":[]}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"failure":"x","batches":[100000]}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"route":"by-pigeon"}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"deliveryId":"15"}""", HttpStatusCode.BadRequest)]
    [TestCase("""[""", HttpStatusCode.BadRequest)]
    public async Task An_order_that_makes_no_sense_is_refused_in_words(
        string body,
        HttpStatusCode expected
    )
    {
        using var content = new StringContent(body, null, "application/json");
        using var answer = await _operator.PostAsync(
            new Uri("ops/v1/replays", UriKind.Relative),
            content
        );
        Assert.That(
            answer.StatusCode,
            Is.EqualTo(expected),
            await answer.Content.ReadAsStringAsync()
        );
    }

    [Test]
    public async Task Who_may_only_look_orders_nothing()
    {
        using var viewer = await _hub.ClientAsync("xem", ops: true);
        foreach (
            var path in (string[])
                [
                    "ops/v1/replays",
                    $"ops/v1/replays/{Guid.CreateVersion7()}/stop",
                    $"ops/v1/deliveries/{Guid.CreateVersion7()}/retry",
                    "ops/v1/routes/department/retry",
                ]
        )
        {
            using var answer = await viewer.PostAsync(new Uri(path, UriKind.Relative), null);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), path);
        }
        Assert.That(
            (await viewer.GetAnswerAsync("ops/v1/replays")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
    }

    /// <summary>Deliveries that were given up for that reason, as a poison package would be.</summary>
    private async Task<Guid[]> FailAsync(string failure, int count)
    {
        var ids = new Guid[count];
        for (var i = 0; i < count; i++)
        {
            var receipt = await _office.SubmitAsync(
                new Letter(TestProvince.Office, TestProvince.Department).Signed()
            );
            Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
            ids[i] = receipt.DeliveryTo(TestProvince.Department);
        }
        await Eventually.HoldsAsync(() => AreDispatchedAsync(ids));
        await ExecuteAsync(
            $"""
            UPDATE delivery SET state = 'failed', failure = '{failure}', last_error = 'made to fail', changed_at = now()
            WHERE id = ANY('{Listed(ids)}')
            """
        );
        return ids;
    }

    private async Task<bool> AreDispatchedAsync(IReadOnlyCollection<Guid> ids) =>
        await _hub.CountAsync(
            $"SELECT count(*) FROM delivery WHERE state = 'dispatched' AND id = ANY('{Listed(ids)}')"
        ) == ids.Count;

    private static string Listed(IEnumerable<Guid> ids) => $"{{{string.Join(',', ids)}}}";

    private async Task<Answer> OrderAsync(object order)
    {
        using var response = await _operator.PostAsJsonAsync(
            new Uri("ops/v1/replays", UriKind.Relative),
            order
        );
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text, JsonSerializer.Deserialize<JsonElement>(text));
    }

    private async Task<JsonElement> ReplayAsync(Guid id) =>
        (await _operator.GetAnswerAsync($"ops/v1/replays/{id}")).Json;

    private async Task<HttpStatusCode> PostAsync(string path)
    {
        using var answer = await _operator.PostAsync(new Uri(path, UriKind.Relative), null);
        return answer.StatusCode;
    }

    private async Task ConnectAsync()
    {
        _office?.Dispose();
        _operator?.Dispose();
        _office = await _hub.ClientAsync("office");
        _operator = await _hub.ClientAsync("truc-vh", ops: true);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
