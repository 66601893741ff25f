using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axis.TestKit;

/// <summary>One call as it reached an endpoint.</summary>
public sealed record ReceivedCall(string Id, string Timestamp, string Signature, byte[] Body);

/// <summary>A real HTTP server that webhooks lead to. What it answers is up to the test.</summary>
public sealed class WebhookEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedCall> _calls = new();

    private WebhookEndpoint(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>Every call, in order, whatever it was answered.</summary>
    public IReadOnlyCollection<ReceivedCall> Calls => _calls;

    /// <summary>The ids of the calls, each at its first coming.</summary>
    public IReadOnlyList<string> Ids => [.. _calls.Select(call => call.Id).Distinct()];

    /// <summary>What the next calls are answered; 204 by itself.</summary>
    public RequestDelegate Answer { get; set; } = Status(HttpStatusCode.NoContent);

    public static RequestDelegate Status(HttpStatusCode status) =>
        context =>
        {
            context.Response.StatusCode = (int)status;
            return Task.CompletedTask;
        };

    public static async Task<WebhookEndpoint> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var endpoint = new WebhookEndpoint(builder.Build());
        endpoint._app.Run(endpoint.TakeAsync);
        await endpoint._app.StartAsync();
        endpoint.Address = new Uri(endpoint._app.Urls.Single());
        return endpoint;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers;
        _calls.Enqueue(
            new ReceivedCall(
                headers["webhook-id"].ToString(),
                headers["webhook-timestamp"].ToString(),
                headers["webhook-signature"].ToString(),
                body.ToArray()
            )
        );
        await Answer(context);
    }
}

/// <summary>A server that says what no server should, byte for byte, and then whatever the test does.</summary>
public sealed class LyingServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private int _connections;

    public LyingServer(string says, bool endlessly = false)
    {
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}/");
        _ = ServeAsync(Encoding.ASCII.GetBytes(says), endlessly);
    }

    public Uri Address { get; }

    public int Connections => Volatile.Read(ref _connections);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(byte[] says, bool endlessly)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _ = LieAsync(client, says, endlessly);
            }
        }
        catch (Exception ended)
            when (ended is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task LieAsync(TcpClient client, byte[] says, bool endlessly)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                await ReadRequestAsync(stream);
                await stream.WriteAsync(says, _stop.Token);
                while (endlessly)
                {
                    await stream.WriteAsync(new byte[64 * 1024], _stop.Token);
                }
            }
            catch (Exception ended) when (ended is IOException or OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>To its end: a connection that is closed with something unread is reset, and the lie would be lost.</summary>
    private async Task ReadRequestAsync(Stream stream)
    {
        const string Length = "Content-Length:";
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var body = 0;
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            if (line.StartsWith(Length, StringComparison.OrdinalIgnoreCase))
            {
                body = int.Parse(
                    line[Length.Length..],
                    System.Globalization.CultureInfo.InvariantCulture
                );
            }
        }
        await reader.ReadBlockAsync(new char[body], _stop.Token);
    }
}
