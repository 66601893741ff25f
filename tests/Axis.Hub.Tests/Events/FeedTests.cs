using System.IO.Pipelines;
using System.Net;
using Axis.Hub.Access;
using Axis.Hub.Events;
using Axis.Hub.Registry;
using Axis.Hub.Tests.National;
using Axis.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static Axis.Hub.Tests.Events.FeedProvince;

namespace Axis.Hub.Tests.Events;

/// <summary>The feed as office systems and operators read it: lists, long polls, streams.</summary>
public sealed class FeedTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;
    private HttpClient _watch = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings: [("Events:Heartbeat", "00:00:00.200"), ("Events:MaxStreamsPerCaller", "10")]
        );
        await _hub.AddOperatorAsync("watch", "viewer");
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
        _watch = await _hub.ClientAsync("watch", ops: true);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        _watch.Dispose();
        await _hub.DisposeAsync();
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(100)]
    public async Task Pages_of_any_size_show_the_same_events_in_the_same_order(int limit)
    {
        var after = await HeadAsync(_hub);
        await LetterWithAsync(_office, _commune, "01", "03", "05", "05", "06");
        var all = await WhenThereAreAsync(_office, 5, after);

        var (paged, _) = await ReadAllAsync(_office, after, limit);

        Assert.That(paged.Select(IdOf), Is.EqualTo(all.Select(IdOf)));
        Assert.That(paged.Select(StatusOf), Is.EqualTo(new[] { "01", "03", "05", "05", "06" }));
        Assert.That(paged.Select(SequenceOf), Is.Ordered);
    }

    [Test]
    public async Task Acknowledging_takes_nothing_off_the_feed()
    {
        var after = await HeadAsync(_hub);
        await LetterWithAsync(_office, _commune, "01");
        var one = (await WhenThereAreAsync(_office, 1, after)).Single();
        using var acknowledged = await _office.PostAsync(
            new Uri("v1/events/ack", UriKind.Relative),
            System.Net.Http.Json.JsonContent.Create(new { ids = (string[])[IdOf(one)] })
        );

        Assert.That(acknowledged.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        var (again, _) = await ReadAllAsync(_office, after);
        Assert.That(again.Select(IdOf), Is.EqualTo(new[] { IdOf(one) }));
    }

    [Test]
    public async Task An_office_system_sees_its_own_events_and_no_others()
    {
        var after = await HeadAsync(_hub);
        var (_, delivery) = await LetterWithAsync(_office, _commune, "01");
        await WhenThereAreAsync(_office, 1, filter: $"&subject={delivery}");

        var (seen, _) = await ReadAllAsync(_commune, after);

        Assert.That(seen.Select(SubjectOf), Does.Not.Contain(delivery.ToString()));
    }

    [Test]
    public async Task An_operator_sees_all_but_not_what_agencies_wrote()
    {
        var (_, delivery) = await LetterWithAsync(_office, _commune, "03");

        var seen = await WhenThereAreAsync(
            _watch,
            1,
            filter: $"&subject={delivery}",
            path: "ops/v1/events"
        );

        Assert.That(StatusOf(seen.Single()), Is.EqualTo("03"));
        Assert.That(
            seen.Single().GetProperty("data").TryGetProperty("statusPackage", out _),
            Is.False
        );
    }

    [Test]
    public async Task Filters_let_through_what_they_name()
    {
        var after = await HeadAsync(_hub);
        var (package, delivery) = await LetterWithAsync(_office, _commune, "01", "06");
        var (other, _) = await LetterWithAsync(_office, _commune, "01");
        await WhenThereAreAsync(_office, 3, after);

        foreach (
            var (filter, count) in ((string, int)[])
                [
                    ($"&letter={package}", 2),
                    ($"&letter={other}", 1),
                    ($"&subject={delivery}", 2),
                    ($"&agency={TestProvince.Commune}", 3),
                    ($"&agency={TestProvince.OfficeOld}", 3),
                    ($"&agency={TestProvince.Department}", 0),
                    ("&type=vn.axis.delivery.status", 3),
                    ("&type=vn.axis.recall.asked,vn.axis.delivery.status", 3),
                    ("&type=vn.axis.recall.asked", 0),
                    ($"&type=vn.axis.delivery.status&letter={other}", 1),
                ]
        )
        {
            var (found, _) = await ReadAllAsync(_office, after, filter: filter);
            Assert.That(found, Has.Count.EqualTo(count), filter);
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(100)]
    public async Task Events_whose_month_left_for_the_archive_hide_none_of_those_behind_them(
        int limit
    )
    {
        var after = await HeadAsync(_hub);
        await LetterWithAsync(_office, _commune, "01", "03", "05", "05", "06");
        var all = await WhenThereAreAsync(_office, 5, after);
        var gone = all.Take(3).Select(one => Guid.Parse(IdOf(one))).ToArray();
        await using (var drop = _hub.Database.CreateCommand("DELETE FROM event WHERE id = ANY($1)"))
        {
            drop.Parameters.Add(new() { Value = gone });
            await drop.ExecuteNonQueryAsync();
        }

        var (left, _) = await ReadAllAsync(_office, after, limit);

        Assert.That(left.Select(IdOf), Is.EqualTo(all.Skip(3).Select(IdOf)));
    }

    [TestCase("after=yesterday")]
    [TestCase("after=-1")]
    [TestCase("after=99999999999999999999")]
    [TestCase("limit=0")]
    [TestCase("wait=56")]
    [TestCase("agency=H00")]
    [TestCase("subject=15")]
    [TestCase("letter=15/UBND-VP")]
    public async Task What_cannot_be_understood_is_refused_in_words(string query)
    {
        var answer = await _office.GetAnswerAsync($"v1/events/feed?{query}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-6005" }));
    }

    [Test]
    public async Task A_cursor_older_than_what_is_kept_is_refused_instead_of_losing_events()
    {
        var answer = await _office.GetAnswerAsync("v1/events/feed?after=10000000000");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-5401" }));
    }

    [Test]
    public async Task A_long_poll_is_woken_by_the_event_it_waits_for()
    {
        var after = await HeadAsync(_hub);
        var poll = PollAsync();
        await LetterWithAsync(_office, _commune, "01");

        Assert.That(await poll, Is.EqualTo(1));

        // Asked again by whoever hears nothing: on a busy machine the letter may take longer than a poll waits.
        async Task<int> PollAsync()
        {
            while (true)
            {
                var answer = await _office.GetAnswerAsync($"v1/events/feed?after={after}&wait=55");
                if (answer.Json.GetProperty("items").GetArrayLength() is > 0 and var heard)
                {
                    return heard;
                }
            }
        }
    }

    [Test]
    public async Task A_stream_that_is_cut_off_goes_on_without_loss_or_repeat()
    {
        var after = await HeadAsync(_hub);
        var heard = new List<string>();
        var cursor = after;
        for (var round = 0; round < 4; round++)
        {
            using var stream = await EventStream.OpenAsync(_office, "v1/events/feed", cursor);
            await LetterWithAsync(_office, _commune, "01", "03", "06");
            // Cut off in the middle: one of this round is still to come.
            heard.AddRange((await stream.NextAsync(2)).Select(IdOf));
            cursor = stream.Cursor;
        }
        using (var rest = await EventStream.OpenAsync(_office, "v1/events/feed", cursor))
        {
            heard.AddRange((await rest.NextAsync(4)).Select(IdOf));
        }

        var (all, _) = await ReadAllAsync(_office, after);
        Assert.That(heard, Is.EqualTo(all.Select(IdOf)));
        Assert.That(heard, Has.Count.EqualTo(12));
    }

    [Test]
    public async Task A_silent_stream_says_that_it_lives_and_moves_the_cursor()
    {
        using var stream = await EventStream.OpenAsync(
            _watch,
            "ops/v1/events?type=vn.axis.nothing.like.this"
        );
        await stream.UntilHeartbeatAsync();
        await LetterWithAsync(_office, _commune, "01");

        var before = stream.Cursor;
        await Eventually.HoldsAsync(async () =>
        {
            await stream.UntilHeartbeatAsync();
            return stream.Cursor != before;
        });
        Assert.That(stream.Cursor, Is.Not.EqualTo(before));
    }

    [Test]
    public async Task A_stream_that_is_woken_again_and_again_for_nothing_says_that_it_lives_all_the_same()
    {
        // No pause ends by itself: only what comes wakes the stream.
        var clock = new HandClock(TimeProvider.System.GetUtcNow());
        var stream = ActivatorUtilities.CreateInstance<FeedStream>(
            _hub.Services,
            clock,
            Options.Create(new EventOptions())
        );
        var system = _hub
            .Services.GetRequiredService<RegistryCache>()
            .Current.OfficeSystem("office")!;
        var after = await HeadAsync(_hub);
        var pipe = new Pipe();
        using var gone = new CancellationTokenSource();
        var writing = stream.WriteAsync(
            new DefaultHttpContext
            {
                Response = { Body = pipe.Writer.AsStream() },
                RequestAborted = gone.Token,
            },
            new OfficeSystemCaller(system),
            new FeedScope(Permissions.Inbox(system), null),
            new FeedFilter(Types: ["vn.axis.nothing.like.this"]),
            FeedPosition.Read(after)!.Value
        );
        using var listener = new StreamReader(pipe.Reader.AsStream());
        await LineAsync(listener, $"id: {after}");

        for (var i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(6));
            await LetterWithAsync(_office, _commune, "01");
            await WhenThereAreAsync(_office, i + 1, after);
        }

        await LineAsync(listener, ":");
        var id = await LineAsync(listener, "id: ");
        Assert.That(
            id,
            Is.Not.EqualTo($"id: {after}"),
            "who comes again need not look through it anew"
        );
        await gone.CancelAsync();
        await writing;

        static async Task<string> LineAsync(StreamReader lines, string start)
        {
            while (true)
            {
                var line = await lines.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2));
                if (line?.StartsWith(start, StringComparison.Ordinal) != false)
                {
                    return line ?? throw new EndOfStreamException();
                }
            }
        }
    }

    [Test]
    public async Task More_streams_than_one_may_have_are_refused_and_a_closed_one_makes_room()
    {
        using var department = await _hub.ClientAsync("department");
        var open = new List<EventStream>();
        for (var i = 0; i < 10; i++)
        {
            open.Add(await EventStream.OpenAsync(department, "v1/events/feed"));
        }

        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri("v1/events/feed", UriKind.Relative)
        );
        request.Headers.Accept.Add(new("text/event-stream"));
        using var refused = await department.SendAsync(request);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("AXIS-5402"));

        open.ForEach(stream => stream.Dispose());
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                using var again = await EventStream.OpenAsync(department, "v1/events/feed");
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    [TestCase("leaving", "UPDATE office_system SET status = 'locked' WHERE id = $1")]
    [TestCase("rotated", "UPDATE credential SET not_after = now() WHERE office_system_id = $1")]
    public async Task A_locked_office_system_hears_no_more(string id, string change)
    {
        await _hub.AddOfficeSystemAsync(
            id,
            Axis.Hub.Registry.Door.Http,
            Axis.Hub.Registry.SignaturePolicy.Record,
            TestProvince.Unconnected
        );
        using var leaving = await _hub.ClientAsync(id);
        using var stream = await EventStream.OpenAsync(leaving, "v1/events/feed");
        await stream.UntilHeartbeatAsync();

        await _hub.ChangeRegistryAsync(change, id);

        Assert.That(await stream.NextAsync(), Is.Null);
    }
}
