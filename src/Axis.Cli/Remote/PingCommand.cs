using System.CommandLine;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Remote;

/// <summary><c>ping</c>: a connection test over HTTP and, with <c>--amqp</c>, over the broker as well.</summary>
internal static class PingCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Build()
    {
        var amqp = new Option<Uri?>("--amqp")
        {
            Description = "Address of the broker, amqp://host:port/vhost: test that door too.",
            HelpName = "URL",
            CustomParser = result =>
                Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) ? uri : null,
        };
        var command = new Command(
            "ping",
            "Test the connection: address, secret, registration, and the way back."
        )
        {
            amqp,
        };
        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var connection = await hub.ReadAsync(parsed, cancellation);
                using var http = new AxisHttpClient(
                    connection.Hub,
                    connection.ClientId,
                    connection.ClientSecret
                );
                Print("http", await http.PingAsync(cancellation));
                if (parsed.GetValue(amqp) is { } broker)
                {
                    await using var client = await AxisAmqpClient.ConnectAsync(
                        broker,
                        connection.ClientId,
                        connection.ClientSecret,
                        cancellation
                    );
                    Print(
                        "amqp",
                        await client.PingAsync(cancellation).WaitAsync(Patience, cancellation)
                    );
                }

                return ExitCodes.Ok;
            }
        );
        return command;
    }

    private static void Print(string door, Pong pong) =>
        Console.WriteLine(
            $"{door}  {pong.OfficeSystem} ({pong.Name}), collects over {pong.InboxDoor}, speaks for {pong.Agencies} agencies; the hub has {Format.Time(pong.At)}"
        );
}
