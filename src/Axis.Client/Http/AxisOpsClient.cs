using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Axis.Client;

/// <summary>
/// The ops API for one operator, as <c>openapi-ops.yaml</c> describes it. Every call may throw
/// <see cref="AxisRefusedException"/> with the hub's problem details, or <see cref="HttpRequestException"/> when the hub
/// cannot be reached or fails.
/// </summary>
public sealed class AxisOpsClient : IDisposable
{
    private readonly HttpClient _public;
    private readonly HttpClient _ops;
    private readonly TokenSource _tokens;

    /// <param name="hub">Address of the hub's public listener, where tokens are issued.</param>
    /// <param name="ops">Address of its operations listener.</param>
    /// <param name="clientId">Id of the operator.</param>
    /// <param name="clientSecret">The operator's secret.</param>
    /// <param name="clock">Null for the system's.</param>
    public AxisOpsClient(
        Uri hub,
        Uri ops,
        string clientId,
        string clientSecret,
        TimeProvider? clock = null
    )
    {
        _public = new HttpClient { BaseAddress = Root(hub) };
        // A catalogue of the country takes some seconds; each call is bounded by its cancellation token instead.
        _ops = new HttpClient { BaseAddress = Root(ops), Timeout = Timeout.InfiniteTimeSpan };
        _tokens = new TokenSource(_public, clientId, clientSecret, clock ?? TimeProvider.System);
    }

    public Uri Hub => _public.BaseAddress!;

    /// <summary>Sends a request below <c>/ops/v1/</c> and reads the JSON of the answer.</summary>
    public async Task<JsonElement> SendAsync(
        HttpMethod verb,
        string path,
        HttpContent? content = null,
        CancellationToken cancellation = default
    )
    {
        using var response = await AnswerAsync(verb, path, content, cancellation);
        return await response.Content.ReadFromJsonAsync(AxisJson.Default.JsonElement, cancellation);
    }

    /// <summary>Copies the body of an answer.</summary>
    public async Task DownloadAsync(
        string path,
        Stream output,
        CancellationToken cancellation = default
    )
    {
        using var response = await AnswerAsync(HttpMethod.Get, path, null, cancellation);
        await response.Content.CopyToAsync(output, cancellation);
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _ops.Dispose();
        _public.Dispose();
    }

    private async Task<HttpResponseMessage> AnswerAsync(
        HttpMethod verb,
        string path,
        HttpContent? content,
        CancellationToken cancellation
    )
    {
        using var request = new HttpRequestMessage(
            verb,
            new Uri("ops/v1/" + path, UriKind.Relative)
        )
        {
            Content = content,
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            await _tokens.GetAsync(cancellation)
        );
        var response = await _ops.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            cancellation
        );
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await AxisHttpClient.RefusalAsync(response, cancellation);
        }
    }

    private static Uri Root(Uri address) =>
        address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}
