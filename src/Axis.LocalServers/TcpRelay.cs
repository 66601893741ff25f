using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Axis.LocalServers;

/// <summary>Which way bytes go through a relay.</summary>
public enum RelayWay
{
    /// <summary>From those who connected to the server.</summary>
    ToServer,

    /// <summary>From the server to those who connected.</summary>
    ToClient,
}

/// <summary>
/// A loopback port that leads to others: to the first of its targets that accepts, as a load balancer does. And a
/// network that fails on demand: cut, slow, silent, or dead without a word.
/// </summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private const int ChunkBytes = 32 * 1024;
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    private readonly Socket _listener;
    private readonly IReadOnlyList<int> _targets;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Link, bool> _links = new();
    private readonly Gate[] _gates = [new(), new()];
    private readonly Task _accepting;
    private volatile bool _isCut;
    private int _next;

    private TcpRelay(Socket listener, IReadOnlyList<int> targets)
    {
        _listener = listener;
        _targets = targets;
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many connections lead through it now.</summary>
    public int Connections => _links.Count;

    /// <summary>Each portion of bytes waits this long, both ways.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>A connection is reset when this many bytes of it have gone to the server; null: it is not.</summary>
    public int? BreakAfter { get; set; }

    /// <param name="port">Where to listen on loopback; 0 for a free one.</param>
    /// <param name="targets">Loopback ports to lead to.</param>
    public static TcpRelay Start(int port, params IReadOnlyList<int> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(512);
        return new TcpRelay(listener, targets);
    }

    /// <summary>Resets every connection and refuses new ones, until <see cref="Heal"/>.</summary>
    public void Cut()
    {
        _isCut = true;
        Reset();
    }

    /// <summary>Resets every connection once.</summary>
    public void Reset()
    {
        foreach (var link in _links.Keys)
        {
            link.Dispose();
        }
    }

    /// <summary>Bytes of one way are kept back until <see cref="Heal"/>; connections stay and new ones are made.</summary>
    public void Hold(RelayWay way) => _gates[(int)way].Close();

    /// <summary>
    /// The present connections go dead without a word, and stay so: what either side says is lost. New ones are well.
    /// So it is when a firewall forgets its connections, or a host loses power.
    /// </summary>
    public void Forget()
    {
        foreach (var link in _links.Keys)
        {
            link.IsForgotten = true;
        }
    }

    /// <summary>Ends every fault except what <see cref="Forget"/> did.</summary>
    public void Heal()
    {
        _isCut = false;
        Delay = TimeSpan.Zero;
        BreakAfter = null;
        foreach (var gate in _gates)
        {
            gate.Open();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Reset();
        Heal();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // One caller gave up before he was let in.
                continue;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        if (_isCut || await ConnectAsync() is not { } server)
        {
            Abort(client);
            return;
        }
        client.NoDelay = server.NoDelay = true;
        using var link = new Link(client, server);
        _links.TryAdd(link, true);
        try
        {
            if (_isCut)
            {
                return;
            }
            await Task.WhenAll(
                CopyAsync(link, client, server, RelayWay.ToServer),
                CopyAsync(link, server, client, RelayWay.ToClient)
            );
        }
        finally
        {
            _links.TryRemove(link, out _);
        }
    }

    private async Task CopyAsync(Link link, Socket from, Socket to, RelayWay way)
    {
        var chunk = new byte[ChunkBytes];
        var passed = 0L;
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(chunk, _stop.Token);
                await _gates[(int)way].PassAsync(_stop.Token);
                if (Delay is { Ticks: > 0 } delay)
                {
                    await Task.Delay(delay, _stop.Token);
                }
                if (read == 0 && !link.IsForgotten)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }
                if (read == 0)
                {
                    // The dead have nothing to tell each other; who hangs up is hung up on.
                    return;
                }
                var allowed =
                    way == RelayWay.ToServer && BreakAfter is { } most
                        ? (int)Math.Clamp(most - passed, 0, read)
                        : read;
                for (var sent = 0; !link.IsForgotten && sent < allowed; )
                {
                    sent += await to.SendAsync(chunk.AsMemory(sent..allowed), _stop.Token);
                }
                if (allowed < read)
                {
                    link.Dispose();
                    return;
                }
                passed += read;
            }
        }
        catch (Exception e)
            when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side broke off, and so the other must see.
            if (!link.IsForgotten)
            {
                link.Dispose();
            }
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var first = (uint)Interlocked.Increment(ref _next);
        for (var i = 0; i < _targets.Count; i++)
        {
            var socket = new Socket(
                AddressFamily.InterNetwork,
                SocketType.Stream,
                ProtocolType.Tcp
            );
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                limit.CancelAfter(ConnectLimit);
                await socket.ConnectAsync(
                    IPAddress.Loopback,
                    _targets[(int)((first + i) % _targets.Count)],
                    limit.Token
                );
                return socket;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }
        return null;
    }

    /// <summary>Closes with a reset, as a broken network does, not with an orderly end.</summary>
    private static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return;
        }
        finally
        {
            socket.Dispose();
        }
    }

    private sealed class Link(Socket client, Socket server) : IDisposable
    {
        public volatile bool IsForgotten;

        public void Dispose()
        {
            Abort(client);
            Abort(server);
        }
    }

    private sealed class Gate
    {
        private volatile TaskCompletionSource? _closed;

        public void Close() =>
            _closed ??= new TaskCompletionSource(
                TaskCreationOptions.RunContinuationsAsynchronously
            );

        public void Open() => Interlocked.Exchange(ref _closed, null)?.TrySetResult();

        public Task PassAsync(CancellationToken stop) =>
            _closed?.Task.WaitAsync(stop) ?? Task.CompletedTask;
    }
}
