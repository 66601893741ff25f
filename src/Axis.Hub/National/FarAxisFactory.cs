using Axis.Vxp.Client;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National;

/// <summary>Makes the far axes of the configuration, each with connections and a pace of its own.</summary>
internal sealed class FarAxisFactory(
    IOptions<NationalOptions> options,
    FarMetrics metrics,
    TimeProvider clock
) : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new(VxpClient.CreateHandler(ConnectTimeout))
    {
        // Each call has its own.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public FarCalls CallsOf(string name)
    {
        var given = options.Value.Axes[name];
        var secret = new FarSecret(given.SecretFile);
        IFarAxis axis =
            given.Kind == FarAxisKind.Peer
                ? new PeerFarAxis(name, given, options.Value, secret, _http, clock)
                : new VxpFarAxis(name, given, options.Value, secret, _http, clock);
        return new FarCalls(axis, new Pace(options.Value.CallsPerMinute, clock), metrics, clock);
    }

    public void Dispose() => _http.Dispose();
}
