using System.Text.Json;

namespace Axis.TestKit;

/// <summary>A listener of server-sent events, which a test can cut off.</summary>
public sealed class EventStream : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventStream(HttpResponseMessage response, StreamReader reader, string? cursor)
    {
        _response = response;
        _reader = reader;
        Cursor = cursor;
    }

    /// <summary>The last id that was received.</summary>
    public string? Cursor { get; private set; }

    public static async Task<EventStream> OpenAsync(
        HttpClient client,
        string path,
        string? lastEventId = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.Add(new("text/event-stream"));
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new EventStream(
            response,
            new StreamReader(await response.Content.ReadAsStreamAsync()),
            lastEventId
        );
    }

    /// <summary>The next event; null when the stream ended. Waits two minutes at most.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        JsonElement? data = null;
        while (true)
        {
            var line = await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2));
            if (line is null)
            {
                return null;
            }
            Note(line);
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]);
            }
            else if (line.Length == 0 && data is not null)
            {
                return data;
            }
        }
    }

    public async Task<IReadOnlyList<JsonElement>> NextAsync(int count)
    {
        var events = new List<JsonElement>();
        while (events.Count < count && await NextAsync() is { } one)
        {
            events.Add(one);
        }
        return events;
    }

    /// <summary>Reads up to and with a sign of life.</summary>
    public async Task UntilHeartbeatAsync()
    {
        while (
            await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)) is { } line
            && !line.StartsWith(':')
        )
        {
            Note(line);
        }
    }

    private void Note(string line)
    {
        if (line.StartsWith("id: ", StringComparison.Ordinal))
        {
            Cursor = line["id: ".Length..];
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
