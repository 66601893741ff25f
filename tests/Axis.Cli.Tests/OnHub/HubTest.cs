using Axis.TestKit;

namespace Axis.Cli.Tests.OnHub;

/// <summary>Commands of those who run a hub, on a hub of the fixture's own with the small province in it.</summary>
[NonParallelizable]
public abstract class HubTest : FolderTest
{
    protected const string Registrar = "so-dang-ky";
    protected const string Viewer = "truc-vh";
    protected const string Auditor = "giam-sat";

    private protected TestHub Hub { get; private set; } = null!;

    /// <summary>The broker as a vendor is told it: without anybody's account.</summary>
    protected string Broker =>
        new UriBuilder(Hub.Amqp) { UserName = "", Password = "" }
            .Uri
            .AbsoluteUri;

    /// <summary>Settings of the hub beside those of every test.</summary>
    protected virtual IReadOnlyList<(string Key, string Value)> Settings => [];

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        Hub = await OpenAsync();
        await Hub.AddOperatorAsync(Registrar, "registrar", "viewer");
        await Hub.AddOperatorAsync(Viewer, "viewer", "operator");
        await Hub.AddOperatorAsync(Auditor, "auditor");
    }

    [OneTimeTearDown]
    public Task Stop_the_hub() => CloseAsync();

    private protected virtual Task<TestHub> OpenAsync() =>
        TestProvince.StartAsync(LocalServersSetUp.Servers, settings: [.. Settings]);

    private protected virtual async Task CloseAsync() => await Hub.DisposeAsync();

    /// <summary>One run as an operator of this hub.</summary>
    private protected Task<CliRun> AsAsync(string @operator, params string[] words) =>
        CliRun.OfAsync([
            .. words,
            "--hub",
            Hub.Http.AbsoluteUri,
            "--ops",
            Hub.Ops.AbsoluteUri,
            "--as",
            @operator,
            "--operator-secret",
            Hub.SecretOf(@operator),
        ]);

    /// <summary>One run that must succeed; what it printed.</summary>
    protected async Task<string> SaidAsync(string @operator, params string[] words)
    {
        var run = await AsAsync(@operator, words);
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        return run.Output;
    }

    private protected Task<CliRun> PingAsync(string id, string secret, params string[] more) =>
        CliRun.OfAsync([
            "ping",
            "--hub",
            Hub.Http.AbsoluteUri,
            "--client-id",
            id,
            "--client-secret",
            secret,
            .. more,
        ]);
}
