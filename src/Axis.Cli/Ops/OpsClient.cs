using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary>The ops API for the commands of operators: JSON in, JSON out, refusals in the hub's own words.</summary>
internal sealed class OpsClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _hub;

    private OpsClient(HttpClient http, Uri hub) => (_http, _hub) = (http, hub);

    public static async Task<OpsClient> ConnectAsync(
        Uri hub,
        Uri ops,
        string id,
        string secret,
        CancellationToken cancellation
    )
    {
        var http = new HttpClient { BaseAddress = ops };
        try
        {
            using var form = new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    ["grant_type"] = "client_credentials",
                    ["client_id"] = id,
                    ["client_secret"] = secret,
                }
            );
            using var answer = await http.PostAsync(
                new Uri(hub, "oauth2/token"),
                form,
                cancellation
            );
            var token = await ReadAsync(answer, cancellation);
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer",
                (string?)token["access_token"]
            );
            return new OpsClient(http, hub);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, path, null, cancellation);

    public Task<JsonNode> PostAsync(
        string path,
        JsonObject? body,
        CancellationToken cancellation
    ) => SendAsync(HttpMethod.Post, path, body, cancellation);

    public Task<JsonNode> PutAsync(string path, JsonObject body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Put, path, body, cancellation);

    public Task<JsonNode> DeleteAsync(string path, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, path, null, cancellation);

    /// <summary>A body of any length, read as it comes; the caller disposes it.</summary>
    public async Task<Stream> OpenAsync(
        string path,
        CancellationToken cancellation,
        string? accept = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        var answer = await _http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            cancellation
        );
        if (answer.IsSuccessStatusCode)
        {
            return await answer.Content.ReadAsStreamAsync(cancellation);
        }

        using (answer)
        {
            throw Refusal(answer, await JsonOfAsync(answer, cancellation));
        }
    }

    /// <summary>The public keys that the hub signs tokens and audit checkpoints with.</summary>
    public async Task<JsonNode> KeySetAsync(CancellationToken cancellation)
    {
        using var answer = await _http.GetAsync(new Uri(_hub, "oauth2/jwks"), cancellation);
        return await ReadAsync(answer, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(
        HttpMethod method,
        string path,
        JsonObject? body,
        CancellationToken cancellation
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(
                body.ToJsonString(),
                new MediaTypeHeaderValue("application/json", "utf-8")
            );
        }

        using var answer = await _http.SendAsync(request, cancellation);
        return await ReadAsync(answer, cancellation);
    }

    private static async Task<JsonNode> ReadAsync(
        HttpResponseMessage answer,
        CancellationToken cancellation
    )
    {
        var said = await JsonOfAsync(answer, cancellation);
        return answer.IsSuccessStatusCode ? said : throw Refusal(answer, said);
    }

    private static async Task<JsonNode> JsonOfAsync(
        HttpResponseMessage answer,
        CancellationToken cancellation
    )
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        try
        {
            return JsonNode.Parse(text.Length == 0 ? "{}" : text) ?? new JsonObject();
        }
        catch (JsonException e)
        {
            throw new HttpRequestException($"{answer.RequestMessage?.RequestUri} is no hub.", e);
        }
    }

    private static CommandFailure Refusal(HttpResponseMessage answer, JsonNode said)
    {
        var errors = (said["errors"] as JsonArray ?? [])
            .Select(error =>
                $"  {error?["code"]}  {error?["path"]}\n    {error?["messageVi"]}\n    {error?["message"]}"
            )
            .Prepend(
                $"The hub refused ({(int)answer.StatusCode}): {said["title"] ?? said["error"]}"
            );
        return new CommandFailure(ExitCodes.Refused, string.Join('\n', errors));
    }
}
