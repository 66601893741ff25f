namespace Axis.TestKit;

/// <summary>A running hub: in this process, where a test can reach inside, or as a process of its own.</summary>
public interface IHubRun
{
    Uri Http { get; }

    Task RefreshRegistryAsync();

    Task StopAsync();
}
