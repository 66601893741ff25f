using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.TestKit;
using static Axis.Hub.Tests.Events.FeedProvince;

namespace Axis.Hub.Tests.Events;

/// <summary>
/// An office system that asks for it is told of each letter in its inbox: when the letter can be collected, once.
/// The commune (HTTP) and the department (AMQP) ask; the office does not.
/// </summary>
public sealed class ArrivalTests
{
    private const string Arrival = "vn.axis.delivery.dispatched";

    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;
    private HttpClient _registrar = null!;
    private AmqpOfficeSystem _department = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOperatorAsync("clerk", "registrar", "viewer");
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
        _registrar = await _hub.ClientAsync("clerk", ops: true);
        _department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await _department.ListenAsync();
        await AskAsync("commune", true);
        await AskAsync("department", true);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        _registrar.Dispose();
        await _department.DisposeAsync();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task A_letter_in_an_HTTP_inbox_is_told_with_what_the_inbox_shows_of_it()
    {
        var (_, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
            {
                Priority = 3,
                Subject = "V/v “hỏa tốc” phòng, chống lũ quét &lt;xã Tả Van&gt; &amp; vùng lân cận",
            }
        );
        var delivery = receipt.DeliveryTo(TestProvince.Commune);

        // In the list with the receipt: it is one commit.
        var told = (await EventsAsync(_commune, delivery)).Single();
        var item = (await _commune.ItemsAsync("v1/inbox?limit=1000")).Single(one =>
            one.GetProperty("deliveryId").GetGuid() == delivery
        );
        var letter = told.GetProperty("data").GetProperty("letter");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TypeOf(told), Is.EqualTo(Arrival));
            Assert.That(SequenceOf(told), Is.EqualTo("0000000001"));
            Assert.That(
                told.GetProperty("data").GetProperty("stage").GetString(),
                Is.EqualTo("dispatched")
            );
            Assert.That(told.GetRawText(), Does.Not.Contain("statusPackage"));
            foreach (var member in letter.EnumerateObject())
            {
                Assert.That(
                    member.Value.GetRawText(),
                    Is.EqualTo(item.GetProperty(member.Name).GetRawText()),
                    member.Name
                );
            }
            Assert.That(letter.EnumerateObject().Count(), Is.EqualTo(11));
            Assert.That(letter.GetProperty("urgent").GetBoolean(), Is.True);
        }
    }

    [Test]
    public async Task It_is_in_the_feed_of_its_reader_and_in_nobody_elses()
    {
        var (_, receipt) = await SendAsync(new Letter(TestProvince.Office, TestProvince.Commune));
        var delivery = receipt.DeliveryTo(TestProvince.Commune);

        var told = await WhenThereAreAsync(
            _commune,
            1,
            filter: $"&type={Arrival}&subject={delivery}"
        );

        Assert.That(told.Select(TypeOf), Is.EqualTo(new[] { Arrival }));
        using var department = await _hub.ClientAsync("department");
        foreach (var other in (HttpClient[])[_office, department])
        {
            var (seen, _) = await ReadAllAsync(other, filter: $"&subject={delivery}");
            Assert.That(seen, Is.Empty);
        }
    }

    [Test]
    public async Task Handed_in_twice_the_letter_is_told_once()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var package = letter.Signed();
        var copies = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => _office.SubmitAsync(package))
        );
        await _office.SubmitAsync(package);

        var delivery = copies[0].DeliveryTo(TestProvince.Commune);
        Assert.That(await WrittenAsync(delivery), Is.EqualTo(1));
        Assert.That(
            await _hub.CountAsync(
                "SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT FROM delivery d WHERE d.id = e.delivery_id)"
            ),
            Is.Zero,
            "nothing is told of a copy that was no letter"
        );
    }

    [Test]
    public async Task Who_does_not_ask_is_told_nothing_and_nothing_is_written()
    {
        var letter = new Letter(TestProvince.Commune, TestProvince.Office);
        var receipt = await _commune.SubmitAsync(letter.Signed());
        var delivery = receipt.DeliveryTo(TestProvince.Office);

        Assert.That(await WrittenAsync(delivery), Is.Zero);
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM delivery WHERE id = '{delivery}' AND announced_to IS NULL AND event_count = 0"
            ),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task Who_stops_asking_is_told_no_more_and_what_is_not_named_stays()
    {
        await _hub.AddServedAsync("arrivals-off", Door.Http, "H77.01");
        Assert.That(await AskAsync("arrivals-off", true), Is.True);
        Assert.That(await AskAsync("arrivals-off", null), Is.True);
        Assert.That(await AskAsync("arrivals-off", false), Is.False);

        var (_, receipt) = await SendAsync(new Letter(TestProvince.Office, "H77.01"));

        Assert.That(await WrittenAsync(receipt.DeliveryTo("H77.01")), Is.Zero);
    }

    [Test]
    public async Task A_letter_on_an_AMQP_queue_is_told_on_the_event_queue()
    {
        var (letter, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Department)
        );
        var delivery = receipt.DeliveryTo(TestProvince.Department);

        var told = await _department.NextEventAsync(one => SubjectOf(one) == $"{delivery}");

        var data = told.Json.GetProperty("data");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TypeOf(told.Json), Is.EqualTo(Arrival));
            Assert.That(
                data.GetProperty("letter").GetProperty("codeNumber").GetString(),
                Is.EqualTo($"{letter.Number}")
            );
            Assert.That(
                data.GetProperty("letter").GetProperty("subject").GetString(),
                Is.EqualTo(letter.Subject)
            );
        }
        await _department.NextDeliveryAsync(letter.DocumentId);
    }

    [Test]
    public async Task A_letter_that_is_put_on_the_same_queue_again_is_no_news()
    {
        var (_, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Department)
        );
        var delivery = receipt.DeliveryTo(TestProvince.Department);
        await DispatchedAsync(delivery, 1);

        // As after the loss of its queue.
        await _hub.CountAsync(
            $"""
            WITH lost AS (
                UPDATE delivery SET state = 'waiting', next_attempt_at = now() - interval '1 minute'
                WHERE id = '{delivery}' RETURNING 1)
            SELECT count(*) FROM lost
            """
        );
        await DispatchedAsync(delivery, 2);

        Assert.That(await WrittenAsync(delivery), Is.EqualTo(1));
    }

    [Test]
    public async Task A_letter_taken_back_unread_is_told_as_withdrawn_behind()
    {
        var (letter, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
        );
        var delivery = receipt.DeliveryTo(TestProvince.Commune);

        await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
            {
                Business = 1,
                Target = letter.DocumentId,
            }.Signed()
        );

        var told = await WhenThereAreAsync(_commune, 2, filter: $"&subject={delivery}");
        Assert.That(
            told.Select(TypeOf),
            Is.EqualTo(new[] { Arrival, "vn.axis.delivery.withdrawn" })
        );
        Assert.That(told.Select(SequenceOf), Is.EqualTo(new[] { "0000000001", "0000000002" }));
    }

    [Test]
    public async Task An_update_and_a_recall_come_into_the_inbox_and_are_told_like_letters()
    {
        var (letter, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
        );
        await _commune.AcknowledgeAsync(receipt.DeliveryTo(TestProvince.Commune));

        foreach (var (business, word) in ((int, string)[])[(2, "update"), (1, "recall")])
        {
            var act = await _office.SubmitAsync(
                new Letter(TestProvince.Office, TestProvince.Commune)
                {
                    Business = business,
                    Target = letter.DocumentId,
                }.Signed()
            );
            var told = (await EventsAsync(_commune, act.DeliveryTo(TestProvince.Commune))).Single();
            Assert.That(
                told.GetProperty("data").GetProperty("letter").GetProperty("business").GetString(),
                Is.EqualTo(word)
            );
        }
    }

    [Test]
    public async Task Who_takes_over_an_inbox_is_told_of_what_comes_with_it()
    {
        await _hub.AddServedAsync("arrivals-old", Door.Http, "H77.02");
        await _hub.AddServedAsync("arrivals-heir", Door.Http, "H77.03");
        await AskAsync("arrivals-heir", true);
        using var heir = await _hub.ClientAsync("arrivals-heir");
        var (_, receipt) = await SendAsync(new Letter(TestProvince.Office, "H77.02"));
        var delivery = receipt.DeliveryTo("H77.02");
        Assert.That(await WrittenAsync(delivery), Is.Zero);

        await _hub.HandOverAsync("H77.02", "arrivals-heir", TimeProvider.System.GetUtcNow());

        var told = await Eventually.GetAsync(async () =>
            (await EventsAsync(heir, delivery)) is { Count: > 0 } some ? some : null
        );
        Assert.That(told.Select(TypeOf), Is.EqualTo(new[] { Arrival }));
        var letter = told[0].GetProperty("data").GetProperty("letter");
        var item = (await heir.ItemsAsync("v1/inbox")).Single();
        foreach (var member in letter.EnumerateObject())
        {
            Assert.That(
                member.Value.GetRawText(),
                Is.EqualTo(item.GetProperty(member.Name).GetRawText()),
                member.Name
            );
        }
    }

    private async Task<(Letter Letter, Answer Receipt)> SendAsync(Letter letter)
    {
        var receipt = await _office.SubmitAsync(letter.Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        return (letter, receipt);
    }

    private async Task<bool> AskAsync(string officeSystem, bool? announcesArrivals)
    {
        using var changed = await _registrar.PatchAsync(
            new Uri($"ops/v1/office-systems/{officeSystem}", UriKind.Relative),
            JsonContent.Create(new { announcesArrivals })
        );
        return (await changed.Content.ReadFromJsonAsync<JsonElement>())
            .GetProperty("announcesArrivals")
            .GetBoolean();
    }

    private static async Task<IReadOnlyList<JsonElement>> EventsAsync(
        HttpClient client,
        Guid delivery
    ) =>
        [
            .. (await client.ItemsAsync("v1/events?limit=1000")).Where(one =>
                SubjectOf(one) == delivery.ToString()
            ),
        ];

    private Task<long> WrittenAsync(Guid delivery) =>
        _hub.CountAsync(
            $"SELECT count(*) FROM event WHERE delivery_id = '{delivery}' AND type = '{Arrival}'"
        );

    private Task DispatchedAsync(Guid delivery, int times) =>
        Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                $"SELECT count(*) FROM delivery_history WHERE delivery_id = '{delivery}' AND what = 'dispatched'"
            ) == times
        );
}
