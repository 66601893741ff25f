using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Axis.Vxp.Tests.Client;

/// <summary>
/// A server that reads one request after another and answers each with bytes that the test wrote, or with nothing but a
/// closed connection. What it read can be looked at.
/// </summary>
internal sealed class AnsweringServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly byte[]? _answer;

    private AnsweringServer(byte[]? answer)
    {
        _answer = answer;
        _listener.Start();
        _running = RunAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/adapter");

    /// <summary>The last request: its head in Latin-1, and its body.</summary>
    public (string Head, byte[] Body) Seen { get; private set; } = ("", []);

    public static AnsweringServer Saying(string answer) => new(Encoding.UTF8.GetBytes(answer));

    public static AnsweringServer Saying(string status, string type, string body) =>
        Saying(status, type, Encoding.UTF8.GetBytes(body));

    public static AnsweringServer Saying(
        string status,
        string type,
        byte[] body,
        string more = ""
    ) =>
        new([
            .. Encoding.UTF8.GetBytes(
                $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n{more}\r\n"
            ),
            .. body,
        ]);

    /// <summary>Takes the whole request and hangs up.</summary>
    public static AnsweringServer HangingUp() => new(null);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await using var stream = client.GetStream();
                Seen = await ReadAsync(stream);
                if (_answer is not null)
                {
                    await stream.WriteAsync(_answer, _stop.Token);
                }
            }
        }
        catch (Exception failure)
            when (failure is OperationCanceledException or SocketException or IOException)
        {
            // The test is over, or its client went away.
        }
    }

    private async Task<(string, byte[])> ReadAsync(NetworkStream stream)
    {
        var all = new List<byte>();
        var one = new byte[1];
        while (
            !Encoding
                .Latin1.GetString([.. all.TakeLast(4)])
                .Equals("\r\n\r\n", StringComparison.Ordinal)
        )
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                break;
            }
            all.Add(one[0]);
        }
        var head = Encoding.Latin1.GetString([.. all]);
        var length = head.Split("\r\n")
            .Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(line =>
                int.Parse(line[15..], System.Globalization.CultureInfo.InvariantCulture)
            )
            .FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return (head, body);
    }
}
