using System.Net;
using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Vxp;
using Axis.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Vxp;

/// <summary>The login stands open to everybody: it has the limits of the token endpoint, and fills no log.</summary>
public sealed class LgspLoginTests
{
    private VxpProvince _province = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _province = await VxpProvince.StartAsync();

    [OneTimeTearDown]
    public Task StopAsync() => _province.DisposeAsync().AsTask();

    [Test]
    public async Task Many_made_up_names_are_one_line_of_the_log_and_are_made_to_wait()
    {
        var login = Login(new AccessOptions { FreeFailures = 100 });
        var (refused, waiting) = (0, 0);
        for (var i = 0; i < 500; i++)
        {
            var answer = await AskAsync(login, "198.51.100.1", $"made-up-{i}", "x");
            Assert.That(answer, Does.StartWith("AXIS-2005").Or.StartWith("AXIS-2007"));
            _ = answer.StartsWith("AXIS-2005", StringComparison.Ordinal) ? refused++ : waiting++;
        }
        Assert.That(waiting, Is.GreaterThan(refused), "a new name does not begin anew");
        await HasLinesAsync("198.51.100.1", "denied");
        Assert.That(await LinesAsync("198.51.100.1", "denied"), Is.LessThan(50), "one a minute");
    }

    [Test]
    public async Task Who_logs_in_without_end_is_told_to_wait_and_others_are_not()
    {
        var login = Login(
            new AccessOptions { TokenRequestsPerClient = 2, TokenRequestsPerAddress = 5 }
        );
        var secret = _province.Hub.SecretOf("demo");
        Assert.That(await AskAsync(login, "198.51.100.2", "demo", secret), Is.EqualTo("token"));
        Assert.That(await AskAsync(login, "198.51.100.2", "demo", secret), Is.EqualTo("token"));
        for (var i = 0; i < 3; i++)
        {
            Assert.That(
                await AskAsync(login, "198.51.100.2", "demo", secret),
                Does.StartWith("AXIS-2010"),
                "this client, from here"
            );
        }
        Assert.That(
            await AskAsync(login, "198.51.100.2", "other", _province.Hub.SecretOf("other")),
            Does.StartWith("AXIS-2010"),
            "this address altogether"
        );
        Assert.That(await AskAsync(login, "198.51.100.3", "demo", secret), Is.EqualTo("token"));
        await HasLinesAsync("198.51.100.2", "denied");
        await HasLinesAsync("198.51.100.3", "ok");
        Assert.That(await LinesAsync("198.51.100.2", "ok"), Is.EqualTo(2));
    }

    [Test]
    public async Task The_right_secret_from_another_network_gets_no_token()
    {
        await _province.Hub.ChangeRegistryAsync(
            "UPDATE office_system SET allowed_networks = '{10.9.0.0/16}' WHERE id = 'plain'"
        );
        var secret = _province.Hub.SecretOf("plain");
        var login = Login(new AccessOptions());
        Assert.That(
            await AskAsync(login, "198.51.100.4", "plain", secret),
            Does.StartWith("AXIS-2209")
        );
        Assert.That(await AskAsync(login, "10.9.1.1", "plain", secret), Is.EqualTo("token"));
    }

    /// <summary>With limits of its own, on the running hub's registry and audit log.</summary>
    private LgspLogin Login(AccessOptions options)
    {
        // Time stands still, or a slow machine would let the pace catch up.
        var clock = new Access.SetClock(TimeProvider.System.GetUtcNow());
        return ActivatorUtilities.CreateInstance<LgspLogin>(
            _province.Hub.Services,
            new FailureBackOff(Options.Create(options), clock),
            new TokenRequestLimits(Options.Create(options), clock)
        );
    }

    /// <summary>"token", or the words of the refusal.</summary>
    private async Task<string> AskAsync(
        LgspLogin login,
        string address,
        string username,
        string password
    )
    {
        var context = new DefaultHttpContext { RequestServices = _province.Hub.Services };
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Body = new MemoryStream(
            JsonSerializer.SerializeToUtf8Bytes(new { username, password })
        );
        using var body = new MemoryStream();
        context.Response.Body = body;
        await login.HandleAsync(context);
        Assert.That(context.Response.StatusCode, Is.EqualTo(StatusCodes.Status200OK));
        var answer = JsonSerializer.Deserialize<JsonElement>(body.ToArray());
        return answer.GetProperty("ErrorDesc").GetString() is { Length: > 0 } words
            ? words
            : answer.GetProperty("data").EnumerateObject().First().Name;
    }

    // The line is written behind the answer.
    private Task HasLinesAsync(string remote, string outcome) =>
        Eventually.HoldsAsync(async () => await LinesAsync(remote, outcome) > 0);

    private Task<long> LinesAsync(string remote, string outcome) =>
        _province.Hub.CountAsync(
            $"""
            SELECT count(*) FROM audit
            WHERE action = 'token.issue' AND remote = '{remote}' AND outcome = '{outcome}'
            """
        );
}
