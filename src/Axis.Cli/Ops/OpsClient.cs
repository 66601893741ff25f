using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary>The ops API for the commands of operators: JSON in, JSON out, refusals in the hub's own words.</summary>
internal sealed class OpsClient : IDisposable
{
    private readonly HttpClient _http;

    private OpsClient(HttpClient http) => _http = http;

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
            return new OpsClient(http);
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
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        JsonNode said;
        try
        {
            said = JsonNode.Parse(text.Length == 0 ? "{}" : text) ?? new JsonObject();
        }
        catch (JsonException e)
        {
            throw new HttpRequestException($"{answer.RequestMessage?.RequestUri} is no hub.", e);
        }

        if (answer.IsSuccessStatusCode)
        {
            return said;
        }

        var errors = (said["errors"] as JsonArray ?? [])
            .Select(error =>
                $"  {error?["code"]}  {error?["path"]}\n    {error?["messageVi"]}\n    {error?["message"]}"
            )
            .Prepend(
                $"The hub refused ({(int)answer.StatusCode}): {said["title"] ?? said["error"]}"
            );
        throw new CommandFailure(ExitCodes.Refused, string.Join('\n', errors));
    }
}
