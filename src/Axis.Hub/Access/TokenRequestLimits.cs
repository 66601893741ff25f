using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Access;

/// <summary>
/// How often tokens may be asked for: of one client from one address, and from one address altogether. Right secrets
/// count too, because checking a proof and writing its audit line is what it costs. Keyed by the address always, so that
/// nobody locks a client out from elsewhere by naming it.
/// </summary>
public sealed class TokenRequestLimits(IOptions<AccessOptions> options, TimeProvider clock)
{
    // An IPv6 customer has a whole network of addresses: RFC 6177 gives a site at least this much.
    private const int Ipv6Prefix = 64;

    private readonly PacedKeys _paced = new(clock, options.Value.RememberedTokenRequests);

    /// <summary>How long this address must wait; zero when it may ask now, and has then asked.</summary>
    public TimeSpan AskFrom(IPAddress? address) =>
        _paced.Ask(NetworkOf(address), options.Value.TokenRequestsPerAddress);

    /// <summary>How long this client must wait at this address; zero when it may ask now, and has then asked.</summary>
    /// <param name="client">A client that exists; those made up are counted by their address alone.</param>
    /// <param name="address">Null when it is not known.</param>
    public TimeSpan AskAs(string client, IPAddress? address) =>
        _paced.Ask($"{client} {NetworkOf(address)}", options.Value.TokenRequestsPerClient);

    private static string NetworkOf(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        if (plain is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return plain?.ToString() ?? "";
        }
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(Ipv6Prefix / 8).Clear();
        return new IPAddress(bytes).ToString();
    }
}

/// <summary>
/// A pace for each key: a minute's worth may come at once, then they come in evenly (the generic cell rate algorithm, one
/// instant for each key). A key whose instant has passed is as good as unknown, so forgetting it changes nothing; when all
/// are busy, the half that is nearest to that makes room.
/// </summary>
internal sealed class PacedKeys(TimeProvider clock, int capacity)
{
    private static readonly TimeSpan Burst = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _paidUntil = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _paidUntil.Count;
            }
        }
    }

    /// <summary>Zero: it may, and that is counted. Else how long until it may; then nothing is counted.</summary>
    public TimeSpan Ask(string key, int perMinute)
    {
        var cost = Burst / perMinute;
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_paidUntil.Count >= capacity && !_paidUntil.ContainsKey(key))
            {
                MakeRoom(now);
            }
            ref var paidUntil = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _paidUntil,
                key,
                out _
            );
            // Nobody is ever let further ahead than a burst: such an instant was written before the clock was set back.
            var from = paidUntil > now && paidUntil <= now + Burst ? paidUntil : now;
            var wait = from + cost - now - Burst;
            if (wait > TimeSpan.Zero)
            {
                return wait;
            }
            paidUntil = from + cost;
            return TimeSpan.Zero;
        }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, paidUntil) in _paidUntil)
        {
            if (paidUntil <= now)
            {
                _paidUntil.Remove(key);
            }
        }
        if (_paidUntil.Count >= capacity)
        {
            foreach (
                var (key, _) in _paidUntil
                    .OrderBy(pair => pair.Value)
                    .Take(_paidUntil.Count / 2)
                    .ToList()
            )
            {
                _paidUntil.Remove(key);
            }
        }
    }
}
