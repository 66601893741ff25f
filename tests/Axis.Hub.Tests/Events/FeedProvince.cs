using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Events;

/// <summary>What tests of events say again and again.</summary>
internal static class FeedProvince
{
    /// <summary>A letter from the office to the commune, and the statuses the commune reports on it: as many events.</summary>
    public static async Task<(Guid PackageId, Guid DeliveryId)> LetterWithAsync(
        HttpClient office,
        HttpClient commune,
        params string[] statuses
    )
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var receipt = await office.SubmitAsync(letter.Signed());
        await ReportAsync(commune, letter, statuses);
        return (receipt.PackageId, receipt.DeliveryTo(TestProvince.Commune));
    }

    public static async Task ReportAsync(HttpClient commune, Letter letter, string[] statuses)
    {
        foreach (var status in statuses)
        {
            await commune.SubmitAsync(
                new Report(TestProvince.Commune, status, TestProvince.Office, letter.DocumentId)
                {
                    Description = $"{status} {Guid.CreateVersion7()}",
                }.Bytes()
            );
        }
    }

    /// <summary>All events after a cursor, page by page, until none comes; and the cursor then.</summary>
    public static async Task<(IReadOnlyList<JsonElement> Events, string Next)> ReadAllAsync(
        HttpClient client,
        string after = "0",
        int limit = 100,
        string filter = "",
        string path = "v1/events/feed"
    )
    {
        var events = new List<JsonElement>();
        while (true)
        {
            var page = (
                await client.GetAnswerAsync($"{path}?after={after}&limit={limit}{filter}")
            ).Json;
            var next = page.GetProperty("next").GetString()!;
            var items = page.GetProperty("items").EnumerateArray().ToArray();
            events.AddRange(items);
            if (items.Length == 0 && next == after)
            {
                return (events, next);
            }
            after = next;
        }
    }

    /// <summary>The cursor after all that was written up to now.</summary>
    public static async Task<string> HeadAsync(TestHub hub)
    {
        await Eventually.HoldsAsync(async () =>
            await hub.CountAsync(
                "SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT FROM event_feed f WHERE f.event_id = e.id)"
            ) == 0
        );
        return $"{await hub.CountAsync("SELECT position FROM event_feed_head")}";
    }

    /// <summary>Waits until the feed has so many events after a cursor.</summary>
    public static async Task<IReadOnlyList<JsonElement>> WhenThereAreAsync(
        HttpClient client,
        int count,
        string after = "0",
        string filter = "",
        string path = "v1/events/feed"
    ) =>
        await Eventually.GetAsync(async () =>
        {
            var (events, _) = await ReadAllAsync(client, after, filter: filter, path: path);
            return events.Count >= count ? events : null;
        });

    public static string IdOf(JsonElement one) => one.GetProperty("id").GetString()!;

    public static string TypeOf(JsonElement one) => one.GetProperty("type").GetString()!;

    public static string SubjectOf(JsonElement one) => one.GetProperty("subject").GetString()!;

    public static string SequenceOf(JsonElement one) => one.GetProperty("sequence").GetString()!;

    public static string? StatusOf(JsonElement one) =>
        one.GetProperty("data").TryGetProperty("status", out var status)
            ? status.GetString()
            : null;
}
