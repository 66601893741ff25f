using System.Net;
using Axis.Hub.Statuses;
using Axis.TestKit;

namespace Axis.Hub.Tests.Statuses;

/// <summary>Every allowed and every refused transition that a party can raise, tried on the hub; made from the table.</summary>
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

    public static IEnumerable<TestCaseData> Reports() =>
        from at in StartingPoints()
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
        from at in StartingPoints()
        from raised in (LifeEvent[])[LifeEvent.Recall, LifeEvent.Update, LifeEvent.Replace]
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

    private static string NameOf(Position at) =>
        at.Stage == at.Beneath
            ? $"{StageNames.Of(at.Stage)} {at.Dialogue}".TrimEnd()
            : $"{StageNames.Of(at.Stage)} over {StageNames.Of(at.Beneath)}";

    /// <summary>One position for each stage, and open questions over different work.</summary>
    private static IEnumerable<Position> StartingPoints()
    {
        string[] uncollected = ["dispatched", "failed", "withdrawn", "replaced", "expired"];
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

    private async Task<(Letter Letter, Guid DeliveryId)> LetterAtAsync(Position at)
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var receipt = await _office.SubmitAsync(letter.Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        var deliveryId = receipt.DeliveryTo(TestProvince.Commune);
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

    private static Npgsql.NpgsqlParameter Text(string? value) =>
        new()
        {
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text,
            Value = (object?)value ?? DBNull.Value,
        };
}
