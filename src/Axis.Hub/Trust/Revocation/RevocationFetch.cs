using System.Net;
using System.Net.Http.Headers;
using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Trust.Revocation;

/// <summary>
/// The only place where the hub goes out to ask. Addresses come from certificates that lead to a trusted authority;
/// size, time and redirects are bounded, because whoever answers is not trusted.
/// </summary>
public sealed class RevocationFetch : IDisposable
{
    private readonly RevocationOptions _options;
    private readonly HttpClient _http;

    public RevocationFetch(IOptions<RevocationOptions> options)
    {
        _options = options.Value;
        _http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
                ConnectTimeout = _options.Timeout,
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <exception cref="RevocationException">Nobody answered, or not in bounds.</exception>
    public Task<byte[]> AskAsync(Uri responder, byte[] question, CancellationToken cancellation) =>
        SendAsync(
            responder,
            address =>
            {
                var content = new ByteArrayContent(question);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/ocsp-request");
                return new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
            },
            _options.MaxAnswerBytes,
            cancellation
        );

    /// <inheritdoc cref="AskAsync"/>
    public Task<byte[]> GetListAsync(Uri address, CancellationToken cancellation) =>
        SendAsync(
            address,
            next => new HttpRequestMessage(HttpMethod.Get, next),
            _options.MaxListBytes,
            cancellation
        );

    public void Dispose() => _http.Dispose();

    private async Task<byte[]> SendAsync(
        Uri address,
        Func<Uri, HttpRequestMessage> write,
        int maxBytes,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_options.Timeout);
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                using var request = write(address);
                using var response = await _http.SendAsync(
                    request,
                    HttpCompletionOption.ResponseHeadersRead,
                    limit.Token
                );
                if (NextOf(response, address) is { } next)
                {
                    if (redirects == _options.MaxRedirects)
                    {
                        throw new RevocationException($"more than {redirects} redirects");
                    }
                    address = next;
                    continue;
                }
                return response.IsSuccessStatusCode
                    ? await ReadAsync(response, maxBytes, limit.Token)
                    : throw new RevocationException($"HTTP status {(int)response.StatusCode}");
            }
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new RevocationException(
                $"no answer within {_options.Timeout.TotalSeconds} s",
                late
            );
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw new RevocationException(failure.Message, failure);
        }
    }

    private static Uri? NextOf(HttpResponseMessage response, Uri address)
    {
        if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
        {
            return null;
        }
        var next =
            response.Headers.Location is { } location
            && Uri.TryCreate(address, location, out var absolute)
                ? absolute
                : null;
        return
            next is not null
            && (next.Scheme == Uri.UriSchemeHttp || next.Scheme == Uri.UriSchemeHttps)
            ? next
            : throw new RevocationException("a redirect that leads nowhere");
    }

    private static async Task<byte[]> ReadAsync(
        HttpResponseMessage response,
        int maxBytes,
        CancellationToken cancellation
    )
    {
        if (response.Content.Headers.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        using var bytes = new MemoryStream();
        var piece = new byte[16 * 1024];
        while (await body.ReadAsync(piece, cancellation) is var read and > 0)
        {
            if (bytes.Length + read > maxBytes)
            {
                throw TooLarge(maxBytes);
            }
            bytes.Write(piece, 0, read);
        }
        return bytes.ToArray();
    }

    private static RevocationException TooLarge(int maxBytes) =>
        new($"the answer is larger than {maxBytes} bytes");
}
