using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

/// <summary>A hub, a registrar and somebody who may only look, for tests of the registrar's half of the ops API.</summary>
public abstract class RegistrarTest
{
    private protected TestHub Hub { get; private set; } = null!;
    protected HttpClient Registrar { get; private set; } = null!;
    protected HttpClient Viewer { get; private set; } = null!;
    private static int s_next = 10;

    [OneTimeSetUp]
    public async Task Start_theHub()
    {
        Hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await Hub.AddOperatorAsync("so-dang-ky", "registrar", "viewer");
        await Hub.AddOperatorAsync("truc-vh", "viewer", "auditor", "operator");
        Registrar = await Hub.ClientAsync("so-dang-ky", ops: true);
        Viewer = await Hub.ClientAsync("truc-vh", ops: true);
    }

    [OneTimeTearDown]
    public async Task Stop_theHub()
    {
        Registrar.Dispose();
        Viewer.Dispose();
        await Hub.DisposeAsync();
    }

    // A level-1 code that no other test uses.
    private protected static string Root()
    {
        var n = Interlocked.Increment(ref s_next);
        return $"{"ABCDE"[n / 100]}{n % 100:D2}";
    }

    private protected static string Reached(
        RegistrySnapshot snapshot,
        string code,
        DateTimeOffset at
    ) => snapshot.Resolve(code, at) is Resolution.One one ? one.Agency.Name : "?";

    private protected static int Count(Answer answer, string what) =>
        answer.Json.GetProperty("counts").TryGetProperty(what, out var count)
            ? count.GetInt32()
            : 0;

    private protected async Task<RegistrySnapshot> SnapshotAsync()
    {
        await Task.Yield();
        return ((RegistryCache)Hub.Services.GetService(typeof(RegistryCache))!).Current;
    }

    private protected async Task<JsonElement?> FindAsync(string code)
    {
        var answer = await Viewer.GetAnswerAsync($"ops/v1/agencies/{code}");
        return answer.Status == HttpStatusCode.OK ? answer.Json : null;
    }

    private protected async Task<Answer> ApplyAsync(string path, string file)
    {
        var mark = path.Contains('?') ? '&' : '?';
        var applied = await PostAsync($"{path}{mark}apply=true", file);
        Assert.That(applied.Status, Is.EqualTo(HttpStatusCode.OK), applied.Text);
        return applied;
    }

    private protected async Task<Answer> PostJsonAsync(
        string path,
        string json,
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        var answer = await PostAsync(path, json, "application/json");
        Assert.That(answer.Status, Is.EqualTo(expected), answer.Text);
        return answer;
    }

    private protected async Task<Answer> PostAsync(
        string path,
        string body,
        string type = "text/csv",
        HttpClient? by = null
    )
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = body.Length > 0 ? new MediaTypeHeaderValue(type) : null;
        using var response = await (by ?? Registrar).PostAsync(
            new Uri("ops/v1/" + path, UriKind.Relative),
            content
        );
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text, JsonSerializer.Deserialize<JsonElement>(text));
    }

    private protected async Task<bool> MayEnterAsync(string id, string secret)
    {
        using var client = Hub.AnonymousClient();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
                ["client_secret"] = secret,
            }
        );
        using var response = await client.PostAsync(
            new Uri("oauth2/token", UriKind.Relative),
            form
        );
        return response.StatusCode == HttpStatusCode.OK;
    }
}
