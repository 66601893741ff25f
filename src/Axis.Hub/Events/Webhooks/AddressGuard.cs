using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Events.Webhooks;

/// <summary>
/// Which addresses the hub may call for others. An address counts, never a name: it is asked at the moment of
/// connecting, so a name that points elsewhere a moment later gains nothing.
/// </summary>
public sealed class AddressGuard(IOptions<WebhookOptions> options)
{
    // IANA special-purpose registries (RFC 6890 and successors), multicast and what embeds an IPv4 address.
    private static readonly IPNetwork[] s_special =
    [
        .. (
            (string[])
                [
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/4",
                    "240.0.0.0/4",
                    "::/128",
                    "::1/128",
                    "::/96",
                    "64:ff9b::/96",
                    "64:ff9b:1::/48",
                    "100::/64",
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20",
                    "5f00::/16",
                    "fc00::/7",
                    "fe80::/10",
                    "fec0::/10",
                    "ff00::/8",
                ]
        ).Select(IPNetwork.Parse),
    ];

    private readonly IPNetwork[] _allowed =
    [
        .. options.Value.AllowedNetworks.Select(IPNetwork.Parse),
    ];

    public bool Allows(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _allowed.Any(network => network.Contains(plain))
            || !s_special.Any(network => network.Contains(plain));
    }

    /// <summary>Connects to the first address of the host that is allowed and answers.</summary>
    /// <exception cref="ForbiddenAddressException">None of its addresses is allowed.</exception>
    public async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        CancellationToken cancellationToken
    )
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var found = await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = found.Where(Allows).ToArray();
        if (allowed.Length == 0)
        {
            throw new ForbiddenAddressException();
        }
        Exception? last = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception failure)
            {
                socket.Dispose();
                last = failure;
                if (failure is not SocketException)
                {
                    throw;
                }
            }
        }
        throw last!;
    }
}

/// <summary>A webhook leads to an address that the hub does not call.</summary>
public sealed class ForbiddenAddressException()
    : IOException("the address is not public and not in Webhooks:AllowedNetworks");
