using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Axis.TestKit;

/// <summary>
/// How everything stands that has a part in bringing letters and events to their queues: for the message of a test that
/// waited in vain.
/// </summary>
public static class QueueStory
{
    private const int LogCharacters = 12_000;

    // Each as text, one line a row.
    private static readonly (string Of, string Sql)[] s_tables =
    [
        ("breakers of inboxes", "SELECT b::text FROM route_breaker b ORDER BY 1"),
        ("breakers of event queues", "SELECT b::text FROM event_breaker b ORDER BY 1"),
        ("queues made anew", "SELECT r::text FROM remade_queue r ORDER BY generation"),
        ("consumers to be closed", "SELECT c::text FROM deaf_consumers c ORDER BY 1"),
        (
            "events",
            """
            SELECT concat_ws(' ', office_system_id, state, CASE WHEN next_attempt_at = 'infinity' THEN 'parked' END,
                count(*), 'attempts up to', max(attempts), 'next', min(next_attempt_at))
            FROM event GROUP BY office_system_id, state, next_attempt_at = 'infinity' ORDER BY 1
            """
        ),
        (
            "events that wait",
            """
            SELECT concat_ws(' ', id, office_system_id, body #>> '{data,documentId}', 'attempts', attempts, 'next', next_attempt_at)
            FROM event WHERE state = 'waiting' ORDER BY id LIMIT 20
            """
        ),
        (
            "deliveries",
            """
            SELECT concat_ws(' ', office_system_id, state, CASE WHEN next_attempt_at = 'infinity' THEN 'parked' END,
                count(*), max(last_error))
            FROM delivery GROUP BY office_system_id, state, next_attempt_at = 'infinity' ORDER BY 1
            """
        ),
    ];

    public static async Task<string> TellAsync(TestHub hub)
    {
        var story = new StringBuilder();
        story.AppendLine(CultureInfo.InvariantCulture, $"At {TimeProvider.System.GetUtcNow():O}");
        foreach (var (of, sql) in s_tables)
        {
            await AddAsync(story, of, () => RowsAsync(hub, sql));
        }
        var host = Uri.EscapeDataString(
            Uri.UnescapeDataString(hub.Amqp.AbsolutePath.TrimStart('/'))
        );
        using var broker = Open(hub.Management);
        await AddAsync(
            story,
            "queues (messages, consumers, members online)",
            () => QueuesAsync(broker, host)
        );
        await AddAsync(
            story,
            "connections",
            () => ListAsync(broker, $"api/vhosts/{host}/connections", "user", "name", "state")
        );
        await AddAsync(
            story,
            "channels",
            () =>
                ListAsync(
                    broker,
                    $"api/vhosts/{host}/channels",
                    "user",
                    "name",
                    "state",
                    "consumer_count",
                    "messages_unconfirmed",
                    "messages_unacknowledged"
                )
        );
        await AddAsync(
            story,
            "consumers",
            async () =>
                [
                    .. (await GetAsync(broker, $"api/consumers/{host}")).Select(one =>
                        $"{one.GetProperty("queue").GetProperty("name")} by {one.GetProperty("channel_details").GetProperty("name")}"
                    ),
                ]
        );
        var log = hub.Log;
        story.AppendLine("The hub said last:");
        story.Append(log.Length <= LogCharacters ? log : log[^LogCharacters..]);
        return story.ToString();
    }

    // What cannot be told must not hide the rest.
    private static async Task AddAsync(
        StringBuilder story,
        string of,
        Func<Task<IReadOnlyList<string>>> lines
    )
    {
        story.AppendLine(CultureInfo.InvariantCulture, $"{of}:");
        try
        {
            foreach (var line in await lines())
            {
                story.AppendLine(CultureInfo.InvariantCulture, $"  {line}");
            }
        }
        catch (Exception failure)
        {
            story.AppendLine(CultureInfo.InvariantCulture, $"  cannot be told: {failure.Message}");
        }
    }

    private static async Task<IReadOnlyList<string>> RowsAsync(TestHub hub, string sql)
    {
        await using var command = hub.Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }
        return rows;
    }

    private static async Task<IReadOnlyList<string>> QueuesAsync(HttpClient broker, string host) =>
        [
            .. (await GetAsync(broker, $"api/queues/{host}")).Select(queue =>
                string.Join(
                    ' ',
                    ((string[])["name", "state", "messages", "consumers"])
                        .Select(name => TextOf(queue, name))
                        .Concat(
                            // RabbitMQ 3.10 says it twice: as it finds them, and as the process said last.
                            queue
                                .EnumerateObject()
                                .Where(one => one.NameEquals("online"))
                                .Select(one => one.Value.ToString())
                        )
                )
            ),
        ];

    private static async Task<IReadOnlyList<string>> ListAsync(
        HttpClient broker,
        string path,
        params string[] names
    ) =>
        [
            .. (await GetAsync(broker, path)).Select(one =>
                string.Join(' ', names.Select(name => TextOf(one, name)))
            ),
        ];

    private static string TextOf(JsonElement one, string name) =>
        one.TryGetProperty(name, out var value) ? value.ToString() : "-";

    private static async Task<IReadOnlyList<JsonElement>> GetAsync(HttpClient broker, string path)
    {
        await using var body = await broker.GetStreamAsync(new Uri(path, UriKind.Relative));
        return [.. (await JsonSerializer.DeserializeAsync<JsonElement>(body)).EnumerateArray()];
    }

    private static HttpClient Open(Uri management)
    {
        var http = new HttpClient
        {
            BaseAddress = new UriBuilder(management) { UserName = "", Password = "" }.Uri,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(
                Encoding.UTF8.GetBytes(Uri.UnescapeDataString(management.UserInfo))
            )
        );
        return http;
    }
}
