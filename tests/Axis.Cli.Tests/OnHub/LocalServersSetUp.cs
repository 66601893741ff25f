using Axis.LocalServers;

namespace Axis.Cli.Tests.OnHub;

/// <summary>One PostgreSQL and one RabbitMQ for the tests of this namespace; the others need none.</summary>
[SetUpFixture]
public sealed class LocalServersSetUp
{
    private static SharedTestServers? _servers;

    public static SharedTestServers Servers =>
        _servers
        ?? throw new InvalidOperationException("The servers are started before the first test.");

    [OneTimeSetUp]
    public async Task Start() => _servers = await SharedTestServers.StartAsync();

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }
    }
}
