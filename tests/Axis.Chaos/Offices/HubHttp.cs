using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Axis.Chaos.Offices;

/// <summary>An answer that says something definite.</summary>
public sealed record HubAnswer(HttpStatusCode Status, byte[] Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}

/// <summary>
/// The HTTP door as an office system uses it: whatever gets no definite answer is sent again, the same bytes, until it
/// has one.
/// </summary>
public sealed class HubHttp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BeforeAgain = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _client;
    private readonly string _id;
    private readonly string _secret;
    private readonly SemaphoreSlim _renewing = new(1, 1);
    private volatile string? _token;

    public HubHttp(Uri hub, string id, string secret)
    {
        _id = id;
        _secret = secret;
        _client = new HttpClient(
            new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) }
        )
        {
            BaseAddress = hub,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public Task<HubAnswer> GetAsync(string path, CancellationToken cancellation) =>
        AskAsync(HttpMethod.Get, path, () => null, null, cancellation);

    public Task<HubAnswer> PostAsync(
        string path,
        byte[] body,
        string contentType,
        CancellationToken cancellation,
        Action? again = null
    ) =>
        AskAsync(
            HttpMethod.Post,
            path,
            () =>
            {
                var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
                return content;
            },
            again,
            cancellation
        );

    /// <summary>Begins to fetch and hangs up in the middle, as a client that dies does.</summary>
    public async Task BreakOffAsync(string path, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                new Uri(path, UriKind.Relative)
            );
            request.Headers.Authorization = await TokenAsync(cancellation);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            using var answer = await _client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                limit.Token
            );
            await using var content = await answer.Content.ReadAsStreamAsync(limit.Token);
            _ = await content.ReadAsync(new byte[100], limit.Token);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // It was to be broken off anyhow.
            return;
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _renewing.Dispose();
    }

    private async Task<HubAnswer> AskAsync(
        HttpMethod method,
        string path,
        Func<HttpContent?> content,
        Action? again,
        CancellationToken cancellation
    )
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (await TryAsync(method, path, content, cancellation) is { } answer)
            {
                return answer;
            }
            again?.Invoke();
            await Pause.ForAsync(BeforeAgain, cancellation);
        }
    }

    private async Task<HubAnswer?> TryAsync(
        HttpMethod method,
        string path,
        Func<HttpContent?> content,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
            {
                Content = content(),
            };
            request.Headers.Authorization = await TokenAsync(limit.Token);
            using var response = await _client.SendAsync(request, limit.Token);
            var body = await response.Content.ReadAsByteArrayAsync(limit.Token);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                // The hub's clock may have been set since the token was issued.
                _token = null;
                return null;
            }
            return
                (int)response.StatusCode < 500
                && response.StatusCode != HttpStatusCode.TooManyRequests
                ? new HubAnswer(response.StatusCode, body)
                : null;
        }
        catch (Exception)
        {
            // A connection that breaks in an unlucky moment leaves HttpClient as a bare SocketException, too.
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    private async Task<AuthenticationHeaderValue> TokenAsync(CancellationToken cancellation)
    {
        if (_token is not { } token)
        {
            await _renewing.WaitAsync(cancellation);
            try
            {
                token = _token ??= await RequestTokenAsync(cancellation);
            }
            finally
            {
                _renewing.Release();
            }
        }
        return new AuthenticationHeaderValue("Bearer", token);
    }

    private async Task<string> RequestTokenAsync(CancellationToken cancellation)
    {
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = _id,
                ["client_secret"] = _secret,
            }
        );
        using var response = await _client.PostAsync(
            new Uri("oauth2/token", UriKind.Relative),
            form,
            cancellation
        );
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellation))
            .GetProperty("access_token")
            .GetString()!;
    }
}
