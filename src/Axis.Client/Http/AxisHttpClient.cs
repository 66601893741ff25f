using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Axis.Client;

/// <summary>
/// The HTTP door of the hub for one office system. Safe for concurrent use. Every call may throw
/// <see cref="AxisRefusedException"/> with the hub's problem details, or <see cref="HttpRequestException"/> when the hub
/// cannot be reached or fails.
/// </summary>
public sealed class AxisHttpClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly TokenSource _tokens;

    /// <param name="hub">Address of the hub's public listener.</param>
    /// <param name="clientId">Id of the office system.</param>
    /// <param name="clientSecret">Its secret.</param>
    /// <param name="clock">Null for the system's.</param>
    public AxisHttpClient(Uri hub, string clientId, string clientSecret, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(hub);
        var root = hub.AbsoluteUri.EndsWith('/') ? hub : new Uri(hub.AbsoluteUri + "/");
        // Large packages and long polls: each call is bounded by its cancellation token instead.
        _http = new HttpClient { BaseAddress = root, Timeout = Timeout.InfiniteTimeSpan };
        _tokens = new TokenSource(_http, clientId, clientSecret, clock ?? TimeProvider.System);
    }

    /// <summary>Submits one edXML file, a document or a status report. Idempotent: when in doubt, submit again.</summary>
    /// <param name="package">Seekable; sent from its beginning.</param>
    /// <param name="cancellation">Leaves it open whether the package was accepted.</param>
    public async Task<SubmissionReceipt> SubmitAsync(
        Stream package,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(package);
        using var response = await SendAsync(
            () =>
                new HttpRequestMessage(HttpMethod.Post, Relative("v1/packages"))
                {
                    Content = new PackageContent(package),
                },
            cancellation
        );
        return AxisJson.ReadReceipt(await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    /// <inheritdoc cref="SubmitAsync(Stream, CancellationToken)"/>
    public async Task<SubmissionReceipt> SubmitAsync(
        byte[] package,
        CancellationToken cancellation = default
    )
    {
        await using var stream = new MemoryStream(package, writable: false);
        return await SubmitAsync(stream, cancellation);
    }

    /// <summary>Tests address, secret and registration.</summary>
    public Task<Pong> PingAsync(CancellationToken cancellation = default) =>
        GetAsync("v1/ping", AxisJson.Default.Pong, cancellation);

    /// <summary>The package with the deliveries the caller may see.</summary>
    public Task<PackageView> GetPackageAsync(
        Guid packageId,
        CancellationToken cancellation = default
    ) => GetAsync($"v1/packages/{packageId}", AxisJson.Default.PackageView, cancellation);

    /// <summary>Copies the bytes as received to <paramref name="output"/>; returns their SHA-256 in hexadecimal.</summary>
    /// <exception cref="InvalidDataException">The bytes do not have the SHA-256 that the hub states.</exception>
    public Task<string> DownloadPackageAsync(
        Guid packageId,
        Stream output,
        CancellationToken cancellation = default
    ) => DownloadAsync($"v1/packages/{packageId}/content", output, cancellation);

    /// <summary>The packages with that document id that the caller sent or received, newest first.</summary>
    public Task<IReadOnlyList<PackageView>> FindByDocumentIdAsync(
        string documentId,
        CancellationToken cancellation = default
    ) => FindAsync($"v1/documents?documentId={Uri.EscapeDataString(documentId)}", cancellation);

    /// <summary>The same by number and notation joined by a slash, such as 15/UBND-VP.</summary>
    public Task<IReadOnlyList<PackageView>> FindByNumberAsync(
        string number,
        CancellationToken cancellation = default
    ) => FindAsync($"v1/documents?number={Uri.EscapeDataString(number)}", cancellation);

    /// <summary>Letters that the caller sent or received, newest first.</summary>
    public Task<LetterPage> FindLettersAsync(
        LetterQuery query,
        CancellationToken cancellation = default
    ) => GetAsync("v1/letters" + query.ToQueryString(), AxisJson.Default.LetterPage, cancellation);

    /// <summary>Deadlines that still run, as openapi.yaml describes them (<c>DeadlinePage</c>).</summary>
    /// <param name="direction">received or sent.</param>
    /// <param name="state">open or overdue.</param>
    /// <param name="after">The next of the page before.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<JsonElement> GetDeadlinesAsync(
        string direction = "received",
        string state = "open",
        string? after = null,
        CancellationToken cancellation = default
    ) =>
        GetAsync(
            $"v1/deadlines?direction={direction}&state={state}"
                + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}"),
            AxisJson.Default.JsonElement,
            cancellation
        );

    /// <summary>What the caller sent and waits for (<c>FollowUpPage</c>), the oldest first.</summary>
    public Task<JsonElement> GetFollowUpAsync(
        DateOnly? from = null,
        CancellationToken cancellation = default
    ) =>
        GetAsync(
            "v1/follow-up" + (from is { } day ? $"?from={day:yyyy-MM-dd}" : ""),
            AxisJson.Default.JsonElement,
            cancellation
        );

    /// <summary>Asks for more time (<c>ExtensionCall</c>) or answers (<c>ExtensionAnswerCall</c>).</summary>
    /// <param name="deliveryId">The delivery.</param>
    /// <param name="step">extension, or extension/answer.</param>
    /// <param name="json">The body.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<JsonElement> PostExtensionAsync(
        Guid deliveryId,
        string step,
        string json,
        CancellationToken cancellation = default
    )
    {
        using var response = await SendAsync(
            () =>
                new HttpRequestMessage(
                    HttpMethod.Post,
                    Relative($"v1/deliveries/{deliveryId}/{step}")
                )
                {
                    Content = new StringContent(json, Encoding.UTF8, "application/json"),
                },
            cancellation
        );
        return await response.Content.ReadFromJsonAsync(AxisJson.Default.JsonElement, cancellation);
    }

    /// <summary>Deliveries not yet acknowledged: urgent first, then oldest first.</summary>
    /// <param name="limit">1 to 1000.</param>
    /// <param name="wait">Up to 55 seconds of long poll when there is nothing.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<InboxItem>> ListInboxAsync(
        int limit = 100,
        TimeSpan wait = default,
        CancellationToken cancellation = default
    ) =>
        (
            await GetAsync(
                $"v1/inbox?limit={limit}&wait={(int)wait.TotalSeconds}",
                AxisJson.Default.ItemsInboxItem,
                cancellation
            )
        ).List;

    /// <inheritdoc cref="DownloadPackageAsync"/>
    public Task<string> DownloadDeliveryAsync(
        Guid deliveryId,
        Stream output,
        CancellationToken cancellation = default
    ) => DownloadAsync($"v1/inbox/{deliveryId}/content", output, cancellation);

    /// <summary>Says that the delivery is safely stored at the recipient's. Repeats are harmless.</summary>
    public async Task AcknowledgeAsync(Guid deliveryId, CancellationToken cancellation = default)
    {
        using var response = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, Relative($"v1/inbox/{deliveryId}/ack")),
            cancellation
        );
    }

    /// <summary>Events not yet acknowledged, oldest first; for office systems whose inbox door is HTTP.</summary>
    /// <param name="limit">1 to 1000.</param>
    /// <param name="wait">Up to 55 seconds of long poll when there is nothing.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<CloudEvent>> ListEventsAsync(
        int limit = 100,
        TimeSpan wait = default,
        CancellationToken cancellation = default
    ) =>
        (
            await GetAsync(
                $"v1/events?limit={limit}&wait={(int)wait.TotalSeconds}",
                AxisJson.Default.ItemsCloudEvent,
                cancellation
            )
        ).List;

    /// <summary>The status package behind an event, as received; returns its SHA-256 in hexadecimal.</summary>
    public Task<string> DownloadEventAsync(
        Guid eventId,
        Stream output,
        CancellationToken cancellation = default
    ) => DownloadAsync($"v1/events/{eventId}/content", output, cancellation);

    /// <summary>Says that the events were handled; at most 1000 at a time.</summary>
    public async Task AcknowledgeEventsAsync(
        IReadOnlyCollection<Guid> eventIds,
        CancellationToken cancellation = default
    )
    {
        using var response = await SendAsync(
            () =>
                new HttpRequestMessage(HttpMethod.Post, Relative("v1/events/ack"))
                {
                    Content = JsonContent.Create(new EventIds(eventIds), AxisJson.Default.EventIds),
                },
            cancellation
        );
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _http.Dispose();
    }

    /// <summary>For claim checks, whose path the hub gives.</summary>
    internal async Task<string> DownloadAsync(
        string path,
        Stream output,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(output);
        using var response = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Relative(path.TrimStart('/'))),
            cancellation
        );
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[81920];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellation)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await output.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        return response.Headers.ETag is null || response.Headers.ETag.Tag == $"\"{sha256}\""
            ? sha256
            : throw new InvalidDataException(
                $"The content of {path} is damaged: its SHA-256 is {sha256}."
            );
    }

    private async Task<IReadOnlyList<PackageView>> FindAsync(
        string path,
        CancellationToken cancellation
    ) => (await GetAsync(path, AxisJson.Default.ItemsPackageView, cancellation)).List;

    private async Task<T> GetAsync<T>(
        string path,
        JsonTypeInfo<T> type,
        CancellationToken cancellation
    )
    {
        using var response = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Relative(path)),
            cancellation
        );
        return (await response.Content.ReadFromJsonAsync(type, cancellation))!;
    }

    private async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> request,
        CancellationToken cancellation
    )
    {
        var token = await _tokens.GetAsync(cancellation);
        var response = await SendOnceAsync(request(), token, cancellation);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            // The hub may have changed its signing key; one fresh token tells.
            response.Dispose();
            _tokens.Forget(token);
            response = await SendOnceAsync(
                request(),
                await _tokens.GetAsync(cancellation),
                cancellation
            );
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await RefusalAsync(response, cancellation);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpRequestMessage request,
        string token,
        CancellationToken cancellation
    )
    {
        using (request)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return await _http.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                cancellation
            );
        }
    }

    internal static async Task<Exception> RefusalAsync(
        HttpResponseMessage response,
        CancellationToken cancellation
    )
    {
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            var problem = await response.Content.ReadFromJsonAsync(
                AxisJson.Default.Problem,
                cancellation
            );
            return new AxisRefusedException(problem!);
        }

        return new HttpRequestException(
            $"The hub answered {(int)response.StatusCode} to {response.RequestMessage?.RequestUri}.",
            inner: null,
            response.StatusCode
        );
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);
}
