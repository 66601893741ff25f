using System.Net;
using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Delivery.Replays;
using Axis.Hub.Statuses;
using Axis.Hub.Tests.Access;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Statuses;

/// <summary>Every allowed and every refused transition of the table, tried on the hub; made from the table.</summary>
public sealed class LifecycleHubTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task The_database_reads_the_stage_by_the_same_rule()
    {
        foreach (var at in LifecycleTableTests.Positions())
        {
            await using var command = _hub.Database.CreateCommand(
                "SELECT delivery_stage($1, $2, $3)"
            );
            command.Parameters.Add(new() { Value = at.State });
            command.Parameters.Add(Text(at.Work));
            command.Parameters.Add(Text(at.Dialogue));

            Assert.That(
                await command.ExecuteScalarAsync(),
                Is.EqualTo(StageNames.Of(at.Stage)),
                at.ToString()
            );
        }
    }

    /// <summary>Reports, acts, collecting and what the hub and the clock do are tried from each of these.</summary>
    [Test]
    public void Every_stage_of_the_table_is_a_starting_point()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                StartingPoints().Select(at => at.Stage).Distinct(),
                Is.EquivalentTo(Enum.GetValues<Stage>())
            );
            Assert.That(
                Lifecycle
                    .Codes.Select(code => LifeEvents.OfCode(code)!.Value)
                    .Concat(Raised.Acts)
                    .Concat(Raised.ByTheHub)
                    .Append(LifeEvent.Collect)
                    .Distinct(),
                Is.EquivalentTo(Enum.GetValues<LifeEvent>())
            );
        }
    }

    public static IEnumerable<TestCaseData> Reports() =>
        from at in StartingPoints().Append(s_held)
        from code in Lifecycle.Codes
        select new TestCaseData(at, code).SetArgDisplayNames(NameOf(at), code);

    /// <summary>A report as edXML, as an office system sends it.</summary>
    [TestCaseSource(nameof(Reports))]
    public async Task A_report_does_what_the_table_says(Position at, string code)
    {
        var (letter, deliveryId) = await LetterAtAsync(at);
        var bySender = Lifecycle.IsRaisedBySender(code);
        var report = bySender
            ? new Report(TestProvince.Office, code, TestProvince.Commune, letter.DocumentId)
            : new Report(TestProvince.Commune, code, TestProvince.Office, letter.DocumentId);

        var answer = await (bySender ? _office : _commune).SubmitAsync(report.Bytes());

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        await AssertJudgedAsync(
            deliveryId,
            at,
            LifeEvents.OfCode(code)!.Value,
            answer.Json.GetProperty("outcome").GetString()!,
            answer.Json.GetProperty("stage").GetString()!
        );
    }

    public static IEnumerable<TestCaseData> Acts() =>
        from at in StartingPoints().Append(s_held)
        from raised in Raised.Acts
        select new TestCaseData(at, raised).SetArgDisplayNames(NameOf(at), raised.ToString());

    /// <summary>A recall, update or replacement as a package.</summary>
    [TestCaseSource(nameof(Acts))]
    public async Task An_act_does_what_the_table_says(Position at, LifeEvent raised)
    {
        var (letter, deliveryId) = await LetterAtAsync(at);
        var act = raised switch
        {
            LifeEvent.Recall => letter with { Business = 1 },
            LifeEvent.Update => letter with { Business = 2, Target = letter.DocumentId },
            _ => new Letter(TestProvince.Office, TestProvince.Commune)
            {
                Business = 3,
                Replaces = [(letter.DocumentId, [])],
            },
        };

        var answer = await _office.SubmitAsync(act.Signed());

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        var effects = answer.Json.GetProperty("effects").EnumerateArray().ToArray();
        // Who lost the letter for good gets an update in its place, as a letter of its own.
        if (raised == LifeEvent.Update && !at.IsReadable)
        {
            Assert.That(effects, Is.Empty);
            return;
        }
        await AssertJudgedAsync(
            deliveryId,
            at,
            raised,
            effects.Single().GetProperty("outcome").GetString()!,
            effects.Single().GetProperty("stage").GetString()!
        );
    }

    public static IEnumerable<TestCaseData> Collections() =>
        StartingPoints().Select(at => new TestCaseData(at).SetArgDisplayNames(NameOf(at)));

    [TestCaseSource(nameof(Collections))]
    public async Task Collecting_does_what_the_table_says(Position at)
    {
        var (_, deliveryId) = await LetterAtAsync(at);

        var answer = await _commune.AcknowledgeAsync(deliveryId);

        var gone = at.State is "withdrawn" or "replaced" or "expired";
        Assert.That(answer, Is.EqualTo(gone ? HttpStatusCode.Gone : HttpStatusCode.NoContent));
        Assert.That(
            await PositionOfAsync(deliveryId),
            Is.EqualTo(Lifecycle.Judge(at, LifeEvent.Collect).After)
        );
    }

    public static IEnumerable<TestCaseData> HubEvents() =>
        from at in StartingPoints()
        from raised in Raised.ByTheHub
        select new TestCaseData(at, raised).SetArgDisplayNames(NameOf(at), raised.ToString());

    /// <summary>
    /// The queue confirms a delivery or is gone, the hub gives it up, an operator tries again, the clock ends its wait.
    /// </summary>
    [TestCaseSource(nameof(HubEvents))]
    public async Task The_hub_and_the_clock_do_what_the_table_says(Position at, LifeEvent raised)
    {
        // Only a queue can be lost, so there it is a letter to who collects over AMQP.
        var (letter, deliveryId) = await LetterAtAsync(
            at,
            raised == LifeEvent.PutBack ? TestProvince.Department : TestProvince.Commune
        );
        var services = _hub.Services;
        // What is due then is not sent now, and stays where the event left it.
        var later = new SetClock(TimeProvider.System.GetUtcNow().AddYears(1));
        switch (raised)
        {
            case LifeEvent.Dispatch:
                await services
                    .GetRequiredService<DeliveryOutbox>()
                    .MarkSentAsync(
                        [ItemOf(deliveryId, letter)],
                        long.MaxValue,
                        TimeSpan.Zero,
                        default
                    );
                break;
            case LifeEvent.Fail:
                await services
                    .GetRequiredService<GivenUpDeliveries>()
                    .SetAsideAsync(
                        [new(ItemOf(deliveryId, letter), SendFault.Row, "unroutable", "no queue")],
                        default
                    );
                break;
            case LifeEvent.Retry:
                await ActivatorUtilities
                    .CreateInstance<RetryNow>(services, later)
                    .DeliveryAsync(deliveryId, default);
                break;
            case LifeEvent.PutBack:
                await ActivatorUtilities
                    .CreateInstance<LostDeliveries>(services, later)
                    .PutBackAsync("department", QueueUse.Inbox, Span.Ever, default);
                break;
            default:
                using (
                    var clock = ActivatorUtilities.CreateInstance<DialogueClock>(services, later)
                )
                {
                    // All that earlier tests left untaken is older, and expires before it.
                    while (await clock.ExpireAsync(default) > 0) { }
                }
                break;
        }

        Assert.That(
            await PositionOfAsync(deliveryId),
            Is.EqualTo(Lifecycle.Judge(at, raised).After)
        );
    }

    [Test]
    public async Task The_sender_hears_once_that_the_hub_gave_a_delivery_up_and_why_is_for_operators()
    {
        var (letter, deliveryId) = await LetterAtAsync(new Position("waiting", null, null));
        var givenUp = _hub.Services.GetRequiredService<GivenUpDeliveries>();
        for (var i = 0; i < 2; i++)
        {
            await givenUp.SetAsideAsync(
                [new(ItemOf(deliveryId, letter), SendFault.Row, "unroutable", "no such queue")],
                default
            );
        }

        var told = (await _office.ItemsAsync("v1/events?limit=1000")).Single(one =>
            one.GetProperty("subject").GetString() == deliveryId.ToString()
        );
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                told.GetProperty("type").GetString(),
                Is.EqualTo("vn.axis.delivery.failed")
            );
            Assert.That(
                told.GetProperty("data").GetProperty("stage").GetString(),
                Is.EqualTo("failed")
            );
            Assert.That(
                (await _commune.ItemsAsync("v1/events?limit=1000")).Select(one =>
                    one.GetProperty("subject").GetString()
                ),
                Does.Not.Contain(deliveryId.ToString())
            );
        }
    }

    private static DispatchItem ItemOf(Guid deliveryId, Letter letter) =>
        new(
            deliveryId,
            deliveryId,
            "commune",
            Urgent: false,
            Attempts: 1,
            letter.DocumentId,
            TestProvince.Office,
            TestProvince.Commune,
            Priority: 0,
            "new",
            "valid",
            "none",
            Sha256: [],
            Size: 0,
            null,
            null
        );

    private static string NameOf(Position at) =>
        at == s_held ? "held"
        : at.Stage == at.Beneath ? $"{StageNames.Of(at.Stage)} {at.Dialogue}".TrimEnd()
        : $"{StageNames.Of(at.Stage)} over {StageNames.Of(at.Beneath)}";

    /// <summary>Of who is not connected here: reports come and acts go, and the gateway does the rest.</summary>
    private static readonly Position s_held = new("held", null, null);

    /// <summary>One position for each stage, and open questions over different work.</summary>
    private static IEnumerable<Position> StartingPoints()
    {
        string[] uncollected =
        [
            "waiting",
            "dispatched",
            "failed",
            "withdrawn",
            "replaced",
            "expired",
        ];
        string?[] works = [null, "01", "02", "03", "04", "05", "06"];
        return
        [
            .. uncollected.Select(state => new Position(state, null, null)),
            .. works.Select(work => new Position("collected", work, null)),
            new("collected", "03", Dialogues.RecallAgreed),
            .. from dialogue in (string[])[Dialogues.RecallAsked, Dialogues.UpdateAsked]
            from work in works
            where work != "02"
            select new Position("collected", work, dialogue),
            new("dispatched", null, Dialogues.UpdateAsked),
            new("collected", "04", Dialogues.RecallDeclined),
            new("collected", "04", Dialogues.UpdateAgreed),
            new("collected", "04", Dialogues.UpdateDeclined),
            new("collected", "04", Dialogues.Replaced),
        ];
    }

    private async Task AssertJudgedAsync(
        Guid deliveryId,
        Position at,
        LifeEvent raised,
        string outcome,
        string stage
    )
    {
        var (expected, after) = Lifecycle.Judge(at, raised);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome, Is.EqualTo(OutcomeNames.Of(expected)));
            Assert.That(stage, Is.EqualTo(StageNames.Of(after.Stage)));
            Assert.That(await PositionOfAsync(deliveryId), Is.EqualTo(after));
            Assert.That(
                await _hub.CountAsync(
                    $"SELECT count(*) FROM delivery_history WHERE delivery_id = '{deliveryId}' AND outcome = '{outcome}'"
                ),
                Is.EqualTo(1),
                "whatever came of it, the history keeps it"
            );
        }
    }

    private async Task<(Letter Letter, Guid DeliveryId)> LetterAtAsync(
        Position at,
        string recipient = TestProvince.Commune
    )
    {
        var letter = new Letter(TestProvince.Office, recipient);
        var receipt = await _office.SubmitAsync(letter.Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        var deliveryId = receipt.DeliveryTo(recipient);
        await Eventually.HoldsAsync(async () =>
            (await PositionOfAsync(deliveryId)).State == "dispatched"
        );
        await using var command = _hub.Database.CreateCommand(
            """
            WITH question AS (
                INSERT INTO dialogue (id, delivery_id, kind, asked_by, asked_at, state)
                SELECT $1, $1, split_part($4, '_', 1), $1, now(), 'asked' WHERE $4 LIKE '%\_asked'
            )
            UPDATE delivery SET state = $2, work = $3, dialogue = $4 WHERE id = $1
            """
        );
        command.Parameters.Add(new() { Value = deliveryId });
        command.Parameters.Add(new() { Value = at.State });
        command.Parameters.Add(Text(at.Work));
        command.Parameters.Add(Text(at.Dialogue));
        await command.ExecuteNonQueryAsync();
        return (letter, deliveryId);
    }

    private async Task<Position> PositionOfAsync(Guid deliveryId)
    {
        await using var command = _hub.Database.CreateCommand(
            "SELECT state, work, dialogue FROM delivery WHERE id = $1"
        );
        command.Parameters.Add(new() { Value = deliveryId });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new Position(
            reader.GetString(0),
            reader.IsDBNull(1) ? null : reader.GetString(1),
            reader.IsDBNull(2) ? null : reader.GetString(2)
        );
    }

    /// <summary>Who raises what, beside the reports.</summary>
    private static class Raised
    {
        public static readonly LifeEvent[] Acts =
        [
            LifeEvent.Recall,
            LifeEvent.Update,
            LifeEvent.Replace,
        ];

        public static readonly LifeEvent[] ByTheHub =
        [
            LifeEvent.Dispatch,
            LifeEvent.Fail,
            LifeEvent.PutBack,
            LifeEvent.Retry,
            LifeEvent.Expire,
        ];
    }

    private static Npgsql.NpgsqlParameter Text(string? value) =>
        new()
        {
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text,
            Value = (object?)value ?? DBNull.Value,
        };
}
