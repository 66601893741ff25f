using System.Text.Json;
using Npgsql;

namespace Axis.Hub.Tests.Statuses;

/// <summary>What the hub has of one delivery, in one look: where it stands, what it kept, what it told.</summary>
internal sealed record StoredLife(JsonElement Row)
{
    // What is sent and what is listed may go on meanwhile: only one statement sees it all at one moment.
    private const string Look = """
        SELECT json_build_object(
            'id', d.id, 'state', d.state, 'work', d.work, 'dialogue', d.dialogue, 'status', d.status,
            'eventCount', d.event_count,
            'asked', (SELECT count(*) FROM dialogue q WHERE q.delivery_id = d.id AND q.state = 'asked'),
            'history', (
                SELECT coalesce(json_agg(json_build_object(
                    'what', h.what, 'status', h.status, 'outcome', h.outcome, 'actor', h.actor, 'detail', h.detail,
                    'package', encode(r.sha256, 'hex')) ORDER BY h.id), '[]')
                FROM delivery_history h LEFT JOIN status_report r ON r.id = h.report_id
                WHERE h.delivery_id = d.id),
            'events', (
                SELECT coalesce(json_agg(json_build_object(
                    'type', e.type, 'to', e.office_system_id, 'sequence', e.sequence, 'body', e.body,
                    'package', encode(r.sha256, 'hex')) ORDER BY e.id), '[]')
                FROM event e LEFT JOIN status_report r ON r.id = e.report_id
                WHERE e.delivery_id = d.id))::text
        FROM delivery d WHERE d.id = $1
        """;

    private string State => TextOf(Row, "state")!;

    private IReadOnlyList<JsonElement> EventRows => [.. Row.GetProperty("events").EnumerateArray()];

    public static async Task<StoredLife> ReadAsync(NpgsqlDataSource database, Guid delivery)
    {
        await using var command = database.CreateCommand(Look);
        command.Parameters.Add(new() { Value = delivery });
        var row = (string)(await command.ExecuteScalarAsync())!;
        return new(JsonSerializer.Deserialize<JsonElement>(row));
    }

    /// <summary>It is what the model says, neither more nor less.</summary>
    public void AssertIs(OneLetter one)
    {
        var model = one.Model;
        var history = Histories();
        var state = State == "waiting" ? "dispatched" : State;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                $"{state} {TextOf(Row, "work")} {TextOf(Row, "dialogue")}",
                Is.EqualTo(model.ToString())
            );
            Assert.That(TextOf(Row, "status"), Is.EqualTo(model.Status), "delivery.status");
            Assert.That(
                EventRows.Select(row => row.GetProperty("sequence").GetInt32()),
                Is.EqualTo(Enumerable.Range(1, Row.GetProperty("eventCount").GetInt32())),
                "events are numbered without a gap, in the order of their ids"
            );
            Assert.That(
                Row.GetProperty("asked").GetInt32(),
                Is.EqualTo(model.Stage is "recall_asked" or "update_asked" ? 1 : 0),
                "open questions"
            );
            AssertLines(
                $"history of {one.Delivery}",
                one.IsRaced ? [.. history.Where(IsNoMark)] : history,
                one.IsRaced ? [.. model.History.Where(IsNoMark)] : model.History
            );
            Assert.That(
                history.Count(line => !IsNoMark(line)),
                State == "dispatched"
                    ? Is.EqualTo(model.History.Count(line => !IsNoMark(line)))
                    : Is.LessThan(2),
                "dispatched"
            );
            AssertLines($"events of {one.Delivery}", Events(), model.Events);
        }
    }

    /// <summary>
    /// What a queue confirms is written beside what comes next, and a letter taken back before is not dispatched any
    /// more. So that line of a raced delivery has no fixed place.
    /// </summary>
    private static bool IsNoMark(Kept line) => line.What != "dispatched";

    private static void AssertLines<T>(
        string what,
        IReadOnlyList<T> stored,
        IReadOnlyList<T> expected
    )
    {
        if (!stored.SequenceEqual(expected))
        {
            Assert.Fail(
                $"{what}\n  expected:\n    {string.Join("\n    ", expected)}\n"
                    + $"  but the hub has:\n    {string.Join("\n    ", stored)}"
            );
        }
    }

    private IReadOnlyList<Kept> Histories() =>
        [
            .. Row.GetProperty("history")
                .EnumerateArray()
                .Select(line => new Kept(TextOf(line, "what")!, TextOf(line, "actor")!)
                {
                    Code = TextOf(line, "status"),
                    Outcome = TextOf(line, "outcome"),
                    Words = TextOf(line, "detail"),
                    Package = TextOf(line, "package")?[..12],
                }),
        ];

    private IReadOnlyList<Told> Events() => [.. EventRows.Select(Event)];

    // What stands twice must be the same; if not, both are shown.
    private Told Event(JsonElement row)
    {
        var body = row.GetProperty("body");
        var data = body.GetProperty("data");
        var carried = TextOf(data, "statusPackage") is { } package
            ? Said.DigestOf(Convert.FromBase64String(package))
            : null;
        var type = Same(TextOf(row, "type"), TextOf(body, "type"))!;
        var about = Same(TextOf(body, "subject"), TextOf(data, "deliveryId"))!;
        var stage = TextOf(data, "stage")!;
        return new Told(
            about == TextOf(Row, "id") ? type : $"{type} about {about}",
            TextOf(row, "to")!,
            stage == "accepted" ? "dispatched" : stage,
            TextOf(data, "status"),
            TextOf(data, "outcome")
        )
        {
            Words = TextOf(data, "description"),
            Package = Same(TextOf(row, "package")?[..12], carried),
            Act = TextOf(data, "actPackageId") is { } act
                ? $"{act} {TextOf(data, "actDocumentId")}"
                : null,
            ShowsLetter = TextOf(data, "letter") is not null,
        };
    }

    private static string? Same(string? one, string? other) =>
        one == other ? one : $"{one ?? "-"} beside {other ?? "-"}";

    private static string? TextOf(JsonElement row, string member) =>
        row.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.ToString()
            : null;
}
