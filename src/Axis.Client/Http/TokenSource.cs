using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Axis.Client;

/// <summary>Keeps one bearer token and asks for the next shortly before its end (RFC 6749, section 4.4).</summary>
internal sealed class TokenSource(
    HttpClient http,
    string clientId,
    string clientSecret,
    TimeProvider clock
) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private string? _token;
    private DateTimeOffset _freshUntil;

    public async Task<string> GetAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_token is null || clock.GetUtcNow() >= _freshUntil)
            {
                var token = await AskAsync(cancellation);
                _token = token.AccessToken;
                // A fifth of its life is left for slow requests and clocks that differ.
                _freshUntil = clock.GetUtcNow() + TimeSpan.FromSeconds(token.ExpiresIn * 0.8);
            }

            return _token;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The hub did not take it: forget it, unless it was renewed meanwhile.</summary>
    public void Forget(string token)
    {
        Interlocked.CompareExchange(ref _token, null, token);
    }

    public void Dispose() => _one.Dispose();

    private async Task<Token> AskAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            new Uri("oauth2/token", UriKind.Relative)
        );
        request.Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]);
        // RFC 6749, section 2.3.1: both parts are form-encoded before they are joined.
        var pair = $"{Uri.EscapeDataString(clientId)}:{Uri.EscapeDataString(clientSecret)}";
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))
        );
        using var response = await http.SendAsync(request, cancellation);
        if ((int)response.StatusCode is >= 400 and < 500)
        {
            throw await RefusalAsync(response, cancellation);
        }

        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(AxisJson.Default.Token, cancellation))!;
    }

    private static async Task<Exception> RefusalAsync(
        HttpResponseMessage response,
        CancellationToken cancellation
    )
    {
        var refusal = await response.Content.ReadFromJsonAsync(
            AxisJson.Default.TokenRefusal,
            cancellation
        );
        var errors = refusal!.Errors ?? [];
        return new AxisRefusedException(
            new Problem(
                $"urn:ietf:rfc:6749:{refusal.Error}",
                refusal.Description ?? refusal.Error,
                (int)response.StatusCode,
                errors is [var first, ..] ? first.MessageVi : refusal.Error,
                errors
            )
        );
    }
}
