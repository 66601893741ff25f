using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Events.Webhooks;

/// <summary>
/// One event to one endpoint. Only the status of the answer counts: its body is never read, redirects are not followed,
/// no proxy is used and no cookie kept.
/// </summary>
public sealed class WebhookCall : IDisposable
{
    private readonly HttpClient _http;
    private readonly TimeProvider _clock;

    public WebhookCall(AddressGuard guard, IOptions<WebhookOptions> options, TimeProvider clock)
    {
        _clock = clock;
        _http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                ConnectCallback = guard.ConnectAsync,
                // A name may lead elsewhere tomorrow, and the guard must see it.
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                MaxResponseHeadersLength = 16,
                MaxResponseDrainSize = 16 * 1024,
                ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            }
        )
        {
            Timeout = options.Value.Timeout,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Axis", "1.0"));
    }

    /// <param name="secrets">Each of them signs.</param>
    public async Task<CallOutcome> SendAsync(
        Uri url,
        IReadOnlyList<string> secrets,
        FeedItem item,
        CancellationToken cancellationToken
    )
    {
        var (id, at, body) = (
            item.EventId.ToString(),
            _clock.GetUtcNow(),
            Encoding.UTF8.GetBytes(item.Body)
        );
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/cloudevents+json")
        {
            CharSet = "utf-8",
        };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", WebhookSignature.SecondsOf(at));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(secrets, id, at, body));
        try
        {
            using var answer = await _http.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            );
            return answer.IsSuccessStatusCode
                ? new CallOutcome(null)
                : new CallOutcome(
                    $"answered {((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture)}",
                    answer.StatusCode == HttpStatusCode.Gone
                );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CallOutcome("did not answer in time");
        }
        catch (HttpRequestException failure)
        {
            return new CallOutcome(WordsOf(failure));
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Never what the other side wrote: it is shown to people.</summary>
    private static string WordsOf(HttpRequestException failure) =>
        failure.InnerException switch
        {
            ForbiddenAddressException forbidden => forbidden.Message,
            SocketException socket => $"cannot be reached ({socket.SocketErrorCode})",
            _ => failure.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "its name is not known",
                HttpRequestError.SecureConnectionError =>
                    "TLS failed, or its certificate is not valid",
                HttpRequestError.Unknown => "the call failed",
                var other => $"the call failed ({other})",
            },
        };
}
