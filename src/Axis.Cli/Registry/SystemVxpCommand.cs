using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.Cli.Terminal;

namespace Axis.Cli.Registry;

/// <summary><c>systems vxp ID</c>: the door for clients of the national axis' SDK.</summary>
internal static class SystemVxpCommand
{
    public static Command Build()
    {
        var id = new Argument<string>("id")
        {
            Description = "Id of the office system.",
            HelpName = "ID",
        };
        var access = new Option<string?>("--access")
        {
            Description =
                "on; receive: no documents, but everything else; off. Without it the door is only shown.",
        };
        access.AcceptOnlyFromAmong("on", "receive", "off");
        var systemId = new Option<string?>("--system-id")
        {
            Description = "What the SDK is configured with.",
            HelpName = "ID",
        };
        var secret = new Option<FileInfo?>("--secret-file")
        {
            Description = "Keep the secret that stands in this file; else the hub makes one.",
            HelpName = "FILE",
        };
        var fresh = new Option<bool>("--new-secret")
        {
            Description = "Let the hub make another secret.",
        };
        var grace = new Option<int?>("--grace-hours")
        {
            Description = "How long the earlier secrets stay valid; 24 if not said.",
        };
        return OpsCommand.To(
            new Command("vxp", "Open, limit, close or show the door of the national axis' SDK.")
            {
                id,
                access,
                systemId,
                secret,
                fresh,
                grace,
            },
            async (parsed, client, cancellation) =>
            {
                var path = $"office-systems/{parsed.GetValue(id)}/vxp";
                if (parsed.GetValue(access) is not { } wanted)
                {
                    JsonOutput.Print(
                        await client.SendAsync(HttpMethod.Get, path, null, cancellation)
                    );
                    return ExitCodes.Ok;
                }

                using var body = JsonContent.Create(
                    new
                    {
                        systemId = parsed.GetValue(systemId)
                            ?? throw new CommandFailure(
                                ExitCodes.Usage,
                                "--access needs --system-id, the id that the SDK is configured with."
                            ),
                        access = wanted,
                        secret = parsed.GetValue(secret) is { } file ? Read(file) : null,
                        newSecret = parsed.GetValue(fresh),
                        graceHours = parsed.GetValue(grace),
                    }
                );
                Print(await client.SendAsync(HttpMethod.Put, path, body, cancellation), client.Hub);
                return ExitCodes.Ok;
            }
        );
    }

    private static void Print(JsonElement door, Uri hub)
    {
        Console.WriteLine($"endpoint   {new Uri(hub, "vxp")}");
        Console.WriteLine($"system id  {door.GetProperty("systemId")}");
        Console.WriteLine(
            door.TryGetProperty("secret", out var secret)
                ? $"secret     {secret}   (shown this once)"
                : "secret     as before"
        );
        Console.WriteLine($"access     {door.GetProperty("access")}");
    }

    private static string Read(FileInfo file)
    {
        try
        {
            return File.ReadAllText(file.FullName).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{file.FullName} cannot be read: {e.Message}"
            );
        }
    }
}
