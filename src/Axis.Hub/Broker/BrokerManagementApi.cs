using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Broker;

/// <summary>A queue as RabbitMQ's management API shows it, with the policy that is in effect on it.</summary>
public sealed record ManagedQueue(
    string Name,
    string Type,
    IReadOnlyDictionary<string, JsonElement> Arguments,
    IReadOnlyDictionary<string, JsonElement> Policy,
    int Members,
    int MembersOnline
)
{
    /// <summary>The nodes that hold a copy of it.</summary>
    public IReadOnlyList<string> MemberNodes { get; init; } = [];
}

/// <summary>A node of the broker and what it is short of.</summary>
public sealed record ManagedNode(
    string Name,
    bool IsRunning,
    bool IsShortOfDisk,
    bool IsShortOfMemory
);

/// <summary>
/// What only the management API tells: policies, alarms, the broker's clock, and whether anything is behind a queue.
/// </summary>
public sealed class BrokerManagementApi(IOptions<BrokerOptions> options)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    public bool IsNamed => options.Value.ManagementUri is not null;

    public async Task<DateTimeOffset> TimeAsync(CancellationToken cancellationToken)
    {
        using var http = Open();
        using var answer = await http.GetAsync(
            new Uri("api/overview", UriKind.Relative),
            cancellationToken
        );
        answer.EnsureSuccessStatusCode();
        return answer.Headers.Date
            ?? throw new InvalidOperationException("the management API tells no time");
    }

    public async Task<IReadOnlyList<ManagedQueue>> QueuesAsync(CancellationToken cancellationToken)
    {
        var host = Uri.EscapeDataString(
            Uri.UnescapeDataString(options.Value.Addresses[0].AbsolutePath.TrimStart('/'))
                is { Length: > 0 } named
                ? named
                : "/"
        );
        return
        [
            .. from queue in await ListAsync($"api/queues/{host}", cancellationToken)
            select new ManagedQueue(
                queue.GetProperty("name").GetString()!,
                TextOf(queue, "type"),
                MembersOf(queue, "arguments"),
                MembersOf(queue, "effective_policy_definition"),
                CountOf(queue, "members"),
                LeastOf(queue, "online")
            )
            {
                MemberNodes = TextsOf(queue, "members"),
            },
        ];
    }

    public async Task<IReadOnlyList<ManagedNode>> NodesAsync(CancellationToken cancellationToken) =>
        [
            .. from node in await ListAsync("api/nodes", cancellationToken)
            select new ManagedNode(
                TextOf(node, "name"),
                IsTrue(node, "running"),
                IsTrue(node, "disk_free_alarm"),
                IsTrue(node, "mem_alarm")
            ),
        ];

    private async Task<JsonElement[]> ListAsync(string path, CancellationToken cancellationToken)
    {
        using var http = Open();
        return await http.GetFromJsonAsync<JsonElement[]>(
                new Uri(path, UriKind.Relative),
                cancellationToken
            ) ?? [];
    }

    private HttpClient Open()
    {
        var address = options.Value.ManagementUri!;
        var http = new HttpClient
        {
            BaseAddress = new UriBuilder(address) { UserName = "", Password = "" }.Uri,
            Timeout = AnswerLimit,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo)))
        );
        return http;
    }

    private static string TextOf(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static bool IsTrue(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static int CountOf(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.GetArrayLength()
            : 0;

    // RabbitMQ 3.10 names the members online twice: as it finds them now, and as the queue's process last said; the
    // words of a process that is gone stay.
    private static int LeastOf(JsonElement item, string name) =>
        item.EnumerateObject()
            .Where(one => one.NameEquals(name) && one.Value.ValueKind == JsonValueKind.Array)
            .Select(one => one.Value.GetArrayLength())
            .DefaultIfEmpty(0)
            .Min();

    private static string[] TextsOf(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(one => one.ToString())]
            : [];

    private static Dictionary<string, JsonElement> MembersOf(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value
                .EnumerateObject()
                .ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal)
            : [];
}
