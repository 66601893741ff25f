using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Axis.LocalServers;

/// <summary>The few calls of RabbitMQ's management API that tests need; rabbitmqctl would take a second for each.</summary>
public sealed class BrokerManagement : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _user;

    /// <param name="management">Its address, with name and password.</param>
    public BrokerManagement(Uri management)
    {
        ArgumentNullException.ThrowIfNull(management);
        var (user, password) = management.UserInfo.Split(':') is [var u, var p] ? (u, p) : ("", "");
        _user = Uri.UnescapeDataString(user);
        _http = new HttpClient
        {
            BaseAddress = new UriBuilder(management) { UserName = "", Password = "" }.Uri,
            // A virtual host with a hundred quorum queues is not made or removed in a moment.
            Timeout = TimeSpan.FromMinutes(5),
        };
        var basic = Encoding.UTF8.GetBytes($"{_user}:{Uri.UnescapeDataString(password)}");
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(basic)
        );
    }

    /// <summary>Makes a virtual host in which <paramref name="broker"/>'s user may do everything.</summary>
    /// <returns><paramref name="broker"/> with that virtual host.</returns>
    public async Task<Uri> CreateVirtualHostAsync(
        Uri broker,
        string name,
        CancellationToken cancellation = default
    )
    {
        var host = Uri.EscapeDataString(name);
        using var made = await _http.PutAsJsonAsync(
            new Uri($"api/vhosts/{host}", UriKind.Relative),
            new { },
            cancellation
        );
        made.EnsureSuccessStatusCode();
        using var allowed = await _http.PutAsJsonAsync(
            new Uri($"api/permissions/{host}/{Uri.EscapeDataString(_user)}", UriKind.Relative),
            new
            {
                configure = ".*",
                write = ".*",
                read = ".*",
            },
            cancellation
        );
        allowed.EnsureSuccessStatusCode();
        return new UriBuilder(broker) { Path = $"/{host}" }.Uri;
    }

    /// <summary>Makes a user whom the broker knows by itself, without a tag.</summary>
    public async Task AddUserAsync(
        string name,
        string password,
        CancellationToken cancellation = default
    )
    {
        using var made = await _http.PutAsJsonAsync(
            new Uri($"api/users/{Uri.EscapeDataString(name)}", UriKind.Relative),
            new { password, tags = "" },
            cancellation
        );
        made.EnsureSuccessStatusCode();
    }

    public async Task DeleteUserAsync(string name, CancellationToken cancellation = default)
    {
        using var response = await _http.DeleteAsync(
            new Uri($"api/users/{Uri.EscapeDataString(name)}", UriKind.Relative),
            cancellation
        );
        response.EnsureSuccessStatusCode();
    }

    /// <summary>What a user may do in a virtual host from now on, as patterns of names; a channel remembers what it was told.</summary>
    public async Task PermitAsync(
        string virtualHost,
        string user,
        string write,
        string read,
        CancellationToken cancellation = default
    )
    {
        using var allowed = await _http.PutAsJsonAsync(
            new Uri(
                $"api/permissions/{Uri.EscapeDataString(virtualHost)}/{Uri.EscapeDataString(user)}",
                UriKind.Relative
            ),
            new
            {
                configure = "",
                write,
                read,
            },
            cancellation
        );
        allowed.EnsureSuccessStatusCode();
    }

    public async Task DeleteVirtualHostAsync(string name, CancellationToken cancellation = default)
    {
        using var response = await _http.DeleteAsync(
            new Uri($"api/vhosts/{Uri.EscapeDataString(name)}", UriKind.Relative),
            cancellation
        );
        response.EnsureSuccessStatusCode();
    }

    /// <summary>What there is of one kind (<c>queues</c>, <c>exchanges</c>, <c>bindings</c>) in a virtual host.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(
        string virtualHost,
        string kind,
        CancellationToken cancellation = default
    ) =>
        await _http.GetFromJsonAsync<JsonElement[]>(
            new Uri($"api/{kind}/{Uri.EscapeDataString(virtualHost)}", UriKind.Relative),
            cancellation
        ) ?? [];

    /// <summary>Removes a queue with what it holds; no error when there is none.</summary>
    public async Task DeleteQueueAsync(
        string virtualHost,
        string queue,
        CancellationToken cancellation = default
    )
    {
        using var response = await _http.DeleteAsync(
            new Uri(
                $"api/queues/{Uri.EscapeDataString(virtualHost)}/{Uri.EscapeDataString(queue)}",
                UriKind.Relative
            ),
            cancellation
        );
        if (response.StatusCode != System.Net.HttpStatusCode.NotFound)
        {
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Lets the broker close the connections of a user, as an operator may. Returns how many there were.</summary>
    public async Task<int> CloseConnectionsAsync(
        string user,
        CancellationToken cancellation = default
    )
    {
        var all =
            await _http.GetFromJsonAsync<JsonElement[]>(
                new Uri("api/connections", UriKind.Relative),
                cancellation
            ) ?? [];
        var names = all.Where(connection =>
                connection.TryGetProperty("user", out var name) && name.GetString() == user
            )
            .Select(connection => connection.GetProperty("name").GetString()!)
            .ToArray();
        foreach (var name in names)
        {
            using var closed = await _http.DeleteAsync(
                new Uri($"api/connections/{Uri.EscapeDataString(name)}", UriKind.Relative),
                cancellation
            );
        }
        return names.Length;
    }

    /// <summary>Sets a policy on the queues whose names match; null takes it away.</summary>
    public async Task SetQueuePolicyAsync(
        string virtualHost,
        string name,
        string pattern,
        IReadOnlyDictionary<string, object>? definition,
        CancellationToken cancellation = default
    )
    {
        var path = new Uri(
            $"api/policies/{Uri.EscapeDataString(virtualHost)}/{Uri.EscapeDataString(name)}",
            UriKind.Relative
        );
        var policy = new Dictionary<string, object?>
        {
            ["pattern"] = pattern,
            ["definition"] = definition,
            ["apply-to"] = "queues",
        };
        using var response = definition is null
            ? await _http.DeleteAsync(path, cancellation)
            : await _http.PutAsJsonAsync(path, policy, cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Has the broker close the connections to a virtual host; returns how many it knew of.</summary>
    public async Task<int> CloseConnectionsToAsync(
        string virtualHost,
        CancellationToken cancellation = default
    )
    {
        var open =
            await _http.GetFromJsonAsync<JsonElement[]>(
                new Uri(
                    $"api/vhosts/{Uri.EscapeDataString(virtualHost)}/connections",
                    UriKind.Relative
                ),
                cancellation
            ) ?? [];
        foreach (var connection in open)
        {
            var name = Uri.EscapeDataString(connection.GetProperty("name").GetString()!);
            using var closed = await _http.DeleteAsync(
                new Uri($"api/connections/{name}", UriKind.Relative),
                cancellation
            );
        }
        return open.Length;
    }

    public void Dispose() => _http.Dispose();
}
