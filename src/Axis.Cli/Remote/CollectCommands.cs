using System.CommandLine;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Remote;

/// <summary><c>get ID</c>.</summary>
internal static class GetCommand
{
    public static Command Build()
    {
        var id = new Argument<Guid>("id")
        {
            Description = "Id of a delivery or of a package.",
            HelpName = "ID",
        };
        var output = new Option<FileInfo>("--output", "-o")
        {
            Description = "Where to write the package.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command(
            "get",
            "Fetch a package, byte for byte as its sender submitted it."
        )
        {
            id,
            output,
        };
        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var target = parsed.GetValue(output)!.FullName;
                var staging = $"{target}.part";
                try
                {
                    string sha256;
                    await using (var file = File.Create(staging))
                    {
                        sha256 = await DownloadAsync(
                            client,
                            parsed.GetValue(id),
                            file,
                            cancellation
                        );
                    }

                    File.Move(staging, target, overwrite: true);
                    Console.WriteLine(
                        $"{target}: {Format.Size(new FileInfo(target).Length)}, SHA-256 {sha256}"
                    );
                    return ExitCodes.Ok;
                }
                catch (UnauthorizedAccessException e)
                {
                    throw new CommandFailure(ExitCodes.Usage, e.Message);
                }
                finally
                {
                    File.Delete(staging);
                }
            }
        );
        return command;
    }

    private static async Task<string> DownloadAsync(
        AxisHttpClient client,
        Guid id,
        Stream output,
        CancellationToken cancellation
    )
    {
        try
        {
            return await client.DownloadDeliveryAsync(id, output, cancellation);
        }
        catch (AxisRefusedException e) when (e.Problem.Status == 404)
        {
            return await client.DownloadPackageAsync(id, output, cancellation);
        }
    }
}

/// <summary><c>ack ID</c>.</summary>
internal static class AckCommand
{
    public static Command Build()
    {
        var ids = new Argument<Guid[]>("id")
        {
            Description = "Ids of deliveries.",
            HelpName = "ID",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "ack",
            "Say that deliveries are safely stored; they leave the inbox."
        )
        {
            ids,
        };
        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                foreach (var id in parsed.GetValue(ids)!)
                {
                    await client.AcknowledgeAsync(id, cancellation);
                    Console.WriteLine($"{id} is acknowledged.");
                }

                return ExitCodes.Ok;
            }
        );
        return command;
    }
}
