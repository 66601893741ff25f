using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Vxp.Client;

namespace Axis.Hub.National;

/// <summary>
/// Another Axis, by its HTTP door: this hub is an office system there, which serves the agencies of this province. It
/// hands packages in, and polls its inbox and its events. The other hub knows repeats: a document by its id, a report by
/// its bytes.
/// </summary>
internal sealed class PeerFarAxis(
    string name,
    FarAxisOptions axis,
    NationalOptions options,
    FarSecret secret,
    HttpClient http,
    TimeProvider clock
) : IFarAxis
{
    private const int Page = 100;

    private readonly PeerToken _token = new(axis, secret, http, clock);

    public string Name => name;

    public bool KnowsRepeats => true;

    public bool HearsFailures => false;

    public async Task<FarReply<string>> SendAsync(
        FarKind kind,
        VxpSending sending,
        CancellationToken cancellationToken
    )
    {
        var reply = await AskAsync(
            HttpMethod.Post,
            "v1/packages",
            async token =>
            {
                var content = new StreamContent(await sending.Open(token));
                content.Headers.ContentLength = sending.Length;
                content.Headers.ContentType = new("application/xml");
                return content;
            },
            cancellationToken
        );
        return reply.Value is { } body && PackageIdOf(body) is null
            ? new(null, NoReceipt, reply.ServerTime)
            : new(
                reply.Value is null ? null : PackageIdOf(reply.Value),
                reply.Fault,
                reply.ServerTime
            );
    }

    // Not asked for: a repeat is harmless.
    public Task<FarReply<IReadOnlyList<FarSent>>> SentAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new FarReply<IReadOnlyList<FarSent>>([], null, null));

    public async Task<FarReply<IReadOnlyList<FarItem>>> WaitingAsync(
        FarKind kind,
        CancellationToken cancellationToken
    )
    {
        var list = kind == FarKind.Document ? "inbox" : "events";
        var reply = await AskAsync(
            HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"v1/{list}?limit={Page}&wait=0"),
            null,
            cancellationToken
        );
        return reply.Value is { } body && ItemsOf(body, kind) is null
            ? new(null, NoReceipt, reply.ServerTime)
            : new(
                reply.Value is null ? null : ItemsOf(reply.Value, kind),
                reply.Fault,
                reply.ServerTime
            );
    }

    public async Task<FarReply<byte[]>> FetchAsync(
        FarItem item,
        CancellationToken cancellationToken
    )
    {
        var reply = await AskAsync(
            HttpMethod.Get,
            $"v1/{(item.Kind == FarKind.Document ? "inbox" : "events")}/{item.Id}/content",
            null,
            cancellationToken
        );
        // News without a package: of an act that came as a document of its own, or of a letter that is gone.
        return
            reply.Fault is { Kind: FarFaultKind.Refused, Code: "AXIS-6004" }
            && item.Kind == FarKind.Status
            ? new([], null, reply.ServerTime)
            : reply;
    }

    public async Task<FarReply<object>> AcknowledgeAsync(
        FarItem item,
        FarAcknowledgement outcome,
        CancellationToken cancellationToken
    )
    {
        // The other hub has no word for "cannot be read"; the item is kept here and reported.
        var reply =
            item.Kind == FarKind.Document
                ? await AskAsync(
                    HttpMethod.Post,
                    $"v1/inbox/{item.Id}/ack",
                    null,
                    cancellationToken
                )
                : await AskAsync(
                    HttpMethod.Post,
                    "v1/events/ack",
                    _ =>
                        Task.FromResult<HttpContent>(
                            new StringContent(
                                $$"""{"ids":["{{item.Id}}"]}""",
                                Encoding.UTF8,
                                "application/json"
                            )
                        ),
                    cancellationToken
                );
        // A letter that was taken back meanwhile is off the list by that.
        return reply.Fault is { Kind: FarFaultKind.Refused }
            ? new(item, null, reply.ServerTime)
            : new(reply.Value, reply.Fault, reply.ServerTime);
    }

    private async Task<FarReply<byte[]>> AskAsync(
        HttpMethod verb,
        string path,
        Func<CancellationToken, Task<HttpContent>>? body,
        CancellationToken cancellationToken
    )
    {
        using var alarm = new CancellationTokenSource(options.CallTimeout, clock);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            alarm.Token
        );
        // What fails before that, at the token or at reading what is to be sent, is no call of unknown outcome.
        var hasBegun = false;
        try
        {
            if (await _token.GetAsync(bounded.Token) is not { } token)
            {
                return new(
                    null,
                    new(
                        FarFaultKind.Unauthorised,
                        "token",
                        $"{axis.SystemId} gets no token from the other hub"
                    ),
                    null
                );
            }
            using var request = new HttpRequestMessage(verb, AddressOf(axis, path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            request.Content = body is null ? null : await body(bounded.Token);
            hasBegun = true;
            using var response = await http.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                bounded.Token
            );
            var answer = await ReadAsync(response, bounded.Token);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                _token.Forget();
            }
            return new(
                response.IsSuccessStatusCode ? answer : null,
                response.IsSuccessStatusCode ? null : PeerFaults.Of(response, answer),
                response.Headers.Date
            );
        }
        catch (HttpRequestException failure)
            when (failure.HttpRequestError
                    is HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
            )
        {
            return new(
                null,
                new(FarFaultKind.Unreachable, "connect", PeerFaults.OneLine(failure.Message)),
                null
            );
        }
        catch (Exception failure)
            when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Something else than a hub answers for the token.
            return new(
                null,
                new(
                    Begun(FarFaultKind.Unintelligible),
                    "token",
                    PeerFaults.OneLine(failure.Message)
                ),
                null
            );
        }
        catch (InvalidDataException failure)
        {
            return new(null, new(FarFaultKind.Damaged, "size", failure.Message), null);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return new(
                null,
                new(Begun(FarFaultKind.Interrupted), "cut", PeerFaults.OneLine(failure.Message)),
                null
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(
                null,
                new(Begun(FarFaultKind.Interrupted), "timeout", "no answer in time"),
                null
            );
        }

        FarFaultKind Begun(FarFaultKind kind) => hasBegun ? kind : FarFaultKind.Unreachable;
    }

    internal static Uri AddressOf(FarAxisOptions axis, string path) =>
        new($"{axis.Endpoint.TrimEnd('/')}/{path}");

    private static FarFault NoReceipt { get; } =
        new(FarFaultKind.Unintelligible, "body", "a success without what it should hold");

    private static async Task<byte[]> ReadAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var kept = new MemoryStream();
        var piece = new byte[64 * 1024];
        int read;
        while ((read = await stream.ReadAsync(piece, cancellationToken)) > 0)
        {
            if (kept.Length + read > VxpClientLimits.Default.MaxAnswerBytes)
            {
                throw new InvalidDataException("The answer is beyond the limit.");
            }
            kept.Write(piece, 0, read);
        }
        return kept.ToArray();
    }

    private static string? PackageIdOf(byte[] receipt)
    {
        try
        {
            using var json = JsonDocument.Parse(receipt);
            return json.RootElement.GetProperty("packageId").GetString();
        }
        catch (Exception failure)
            when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IReadOnlyList<FarItem>? ItemsOf(byte[] list, FarKind kind)
    {
        try
        {
            using var json = JsonDocument.Parse(list);
            return
            [
                .. json
                    .RootElement.GetProperty("items")
                    .EnumerateArray()
                    .Select(item =>
                        kind == FarKind.Document
                            ? new FarItem(
                                item.GetProperty("deliveryId").GetString()!,
                                kind,
                                item.GetProperty("sender").GetString()!,
                                item.GetProperty("recipient").GetString()!
                            )
                            : new FarItem(item.GetProperty("id").GetString()!, kind, "", "")
                    ),
            ];
        }
        catch (Exception failure)
            when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>The access token at a peer, until shortly before it ends.</summary>
internal sealed class PeerToken(
    FarAxisOptions axis,
    FarSecret secret,
    HttpClient http,
    TimeProvider clock
)
{
    private readonly Lock _lock = new();
    private string? _token;
    private DateTimeOffset _goodUntil;

    /// <summary>Null when the other hub gives none.</summary>
    public async Task<string?> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_token is not null && clock.GetUtcNow() < _goodUntil)
            {
                return _token;
            }
        }
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            PeerFarAxis.AddressOf(axis, "oauth2/token")
        )
        {
            Content = new FormUrlEncodedContent([
                new("grant_type", "client_credentials"),
                new("client_id", axis.SystemId),
                new("client_secret", secret.Value),
            ]),
        };
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }
        using var json = await JsonDocument.ParseAsync(
            await response.Content.ReadAsStreamAsync(cancellationToken),
            cancellationToken: cancellationToken
        );
        var token = json.RootElement.GetProperty("access_token").GetString();
        var seconds = json.RootElement.GetProperty("expires_in").GetInt32();
        lock (_lock)
        {
            _token = token;
            _goodUntil = clock.GetUtcNow() + TimeSpan.FromSeconds(seconds * 0.9);
        }
        return token;
    }

    public void Forget()
    {
        lock (_lock)
        {
            _token = null;
        }
    }
}

/// <summary>What a peer's refusals mean to the gateway.</summary>
internal static class PeerFaults
{
    public static FarFault Of(HttpResponseMessage response, byte[] body)
    {
        var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        var (code, message) = FirstError(body);
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new(FarFaultKind.Unauthorised, code ?? status, message),
            HttpStatusCode.TooManyRequests => TooMany(),
            // Nothing was accepted. Any other 503 may follow a commit: nobody knows.
            HttpStatusCode.ServiceUnavailable when code == HubErrors.Busy.Code => TooMany(),
            HttpStatusCode.ServiceUnavailable => new(
                FarFaultKind.Unintelligible,
                code ?? status,
                message,
                response.Headers.RetryAfter?.Delta
            ),
            _ when code is not null && (int)response.StatusCode < 500 => new(
                FarFaultKind.Refused,
                code,
                message
            ),
            _ => new(FarFaultKind.Unintelligible, status, message),
        };

        FarFault TooMany() =>
            new(FarFaultKind.TooMany, code ?? status, message, response.Headers.RetryAfter?.Delta);
    }

    public static string OneLine(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length > 300 ? line[..300] : line;
    }

    private static (string? Code, string Message) FirstError(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var error = json.RootElement.GetProperty("errors")[0];
            return (
                error.GetProperty("code").GetString(),
                OneLine(error.GetProperty("message").GetString() ?? "")
            );
        }
        catch (Exception failure)
            when (failure
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or IndexOutOfRangeException
            )
        {
            return (null, OneLine(Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 300))));
        }
    }
}
