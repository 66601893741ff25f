using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Broker;

/// <summary>A connection to the broker in the hub's virtual host.</summary>
/// <param name="Name">Addresses and ports of both ends.</param>
/// <param name="User">As logged in.</param>
/// <param name="Since">When it was opened, by the broker's clock.</param>
public sealed record OpenConnection(string Name, string User, DateTimeOffset Since);

/// <summary>
/// The broker's open connections, through its management API: RabbitMQ asks about a user when he comes and never
/// throws him out by itself.
/// </summary>
public sealed class OpenConnections : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly HttpClient? _http;
    private readonly string _virtualHost;

    public OpenConnections(IOptions<BrokerOptions> options)
    {
        var path = options.Value.Addresses[0].AbsolutePath.TrimStart('/');
        _virtualHost = path.Length == 0 ? "/" : Uri.UnescapeDataString(path);
        if (options.Value.ManagementUri is not { } management)
        {
            return;
        }
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new UriBuilder(management) { UserName = "", Password = "" }.Uri,
            Timeout = AnswerLimit,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(
                Encoding.UTF8.GetBytes(Uri.UnescapeDataString(management.UserInfo))
            )
        );
    }

    /// <summary>Whether the hub was told where the management API is.</summary>
    public bool CanBeAsked => _http is not null;

    /// <summary>The connections of one user, up to the moment.</summary>
    /// <exception cref="HttpRequestException">The broker cannot be asked.</exception>
    public Task<IReadOnlyList<OpenConnection>> OfUserAsync(
        string user,
        CancellationToken cancellationToken
    ) => ListAsync($"api/connections/username/{Uri.EscapeDataString(user)}", cancellationToken);

    /// <summary>
    /// All connections but those of the broker's own accounts. The broker gathers this list every five seconds.
    /// </summary>
    /// <exception cref="HttpRequestException">The broker cannot be asked.</exception>
    public async Task<IReadOnlyList<OpenConnection>> OfOfficeSystemsAsync(
        CancellationToken cancellationToken
    )
    {
        var accounts = (await GetAsync("api/users?columns=name", cancellationToken))
            .EnumerateArray()
            .Select(user => TextOf(user, "name"))
            .ToHashSet(StringComparer.Ordinal);
        var open = await ListAsync(
            $"api/vhosts/{Uri.EscapeDataString(_virtualHost)}/connections",
            cancellationToken
        );
        return [.. open.Where(connection => !accounts.Contains(connection.User))];
    }

    /// <summary>All connections in the hub's virtual host, the hub's own among them.</summary>
    /// <exception cref="HttpRequestException">The broker cannot be asked.</exception>
    public Task<IReadOnlyList<OpenConnection>> AllAsync(CancellationToken cancellationToken) =>
        ListAsync(
            $"api/vhosts/{Uri.EscapeDataString(_virtualHost)}/connections",
            cancellationToken
        );

    /// <summary>Closes a connection; one that is gone already is closed.</summary>
    /// <exception cref="HttpRequestException">The broker cannot be asked.</exception>
    public async Task CloseAsync(
        OpenConnection connection,
        string reason,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Delete,
            new Uri($"api/connections/{Uri.EscapeDataString(connection.Name)}", UriKind.Relative)
        );
        request.Headers.Add("X-Reason", reason);
        using var answer = await _http!.SendAsync(request, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.NotFound)
        {
            answer.EnsureSuccessStatusCode();
        }
    }

    public void Dispose() => _http?.Dispose();

    private async Task<IReadOnlyList<OpenConnection>> ListAsync(
        string path,
        CancellationToken cancellationToken
    ) =>
        [
            .. (await GetAsync(path, cancellationToken))
                .EnumerateArray()
                .Where(connection => TextOf(connection, "vhost") == _virtualHost)
                .Select(connection => new OpenConnection(
                    TextOf(connection, "name"),
                    TextOf(connection, "user"),
                    SinceOf(connection)
                ))
                .Where(connection => connection.Name.Length > 0 && connection.User.Length > 0),
        ];

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _http!.GetAsync(
            new Uri(path, UriKind.Relative),
            cancellationToken
        );
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            // A user without connections, for this API.
            return JsonSerializer.SerializeToElement(Array.Empty<object>());
        }
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    private static DateTimeOffset SinceOf(JsonElement connection) =>
        connection.TryGetProperty("connected_at", out var at)
        && at.TryGetInt64(out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.MaxValue;

    private static string TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
