using System.Text.Json;
using System.Text.Json.Serialization;
using Axis.Cli.Terminal;

namespace Axis.Cli.Local;

/// <summary>What the hub's import wrote about the demo province: the only place where the secrets stand.</summary>
internal sealed record DemoCredentials(
    IReadOnlyList<DemoOfficeSystem> OfficeSystems,
    IReadOnlyList<DemoOperator> Operators
)
{
    public static async Task<DemoCredentials> ReadAsync(
        DataFolder folder,
        CancellationToken cancellation
    )
    {
        try
        {
            await using var file = File.OpenRead(folder.DemoCredentials);
            return (
                await JsonSerializer.DeserializeAsync(
                    file,
                    DemoJson.Default.DemoCredentials,
                    cancellation
                )
            )!;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure(
                ExitCodes.Unreachable,
                $"{folder.DemoCredentials} is missing: ./axis up makes it."
            );
        }
    }

    public DemoOfficeSystem Of(string id) =>
        OfficeSystems.FirstOrDefault(system => system.Id == id)
        ?? throw new CommandFailure(
            ExitCodes.Usage,
            $"The demo province has no office system {id}, only {string.Join(", ", OfficeSystems.Select(s => s.Id))}."
        );
}

internal sealed record DemoOfficeSystem(
    string Id,
    string Secret,
    string InboxDoor,
    IReadOnlyList<string> Agencies
);

internal sealed record DemoOperator(string Id, string Secret);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(DemoCredentials))]
internal sealed partial class DemoJson : JsonSerializerContext;
