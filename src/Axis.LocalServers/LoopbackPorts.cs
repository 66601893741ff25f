using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Axis.LocalServers;

/// <summary>
/// Free loopback ports below 32768, where the system's own choice for outgoing connections begins: a port in that
/// range could be taken between two starts.
/// </summary>
public static class LoopbackPorts
{
    private const int Lowest = 20000;
    private const int Highest = 32768;

    /// <summary>Whether nobody listens on the port now.</summary>
    public static bool IsFree(int port)
    {
        using var socket = new Socket(
            AddressFamily.InterNetwork,
            SocketType.Stream,
            ProtocolType.Tcp
        );
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The preferred port if it is free and not in <paramref name="taken"/>, else another; adds it there.</summary>
    public static int Choose(int preferred, ISet<int> taken)
    {
        var port = preferred;
        while (port == 0 || taken.Contains(port) || !IsFree(port))
        {
            port = RandomNumberGenerator.GetInt32(Lowest, Highest);
        }

        taken.Add(port);
        return port;
    }

    /// <summary>Whether somebody accepts connections there.</summary>
    public static async Task<bool> AnswersAsync(int port, CancellationToken cancellation = default)
    {
        using var socket = new Socket(
            AddressFamily.InterNetwork,
            SocketType.Stream,
            ProtocolType.Tcp
        );
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
