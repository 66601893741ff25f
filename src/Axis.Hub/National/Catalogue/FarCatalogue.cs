using Axis.Vxp;
using Axis.Vxp.Client;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National.Catalogue;

/// <summary>The lists of the national axis, and the registration of our own agencies there.</summary>
internal sealed class FarCatalogue(IOptions<NationalOptions> options, TimeProvider clock)
    : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new(VxpClient.CreateHandler(ConnectTimeout))
    {
        // Each call has its own.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>
    /// Null, with the fault, when the list of agencies cannot be had. The two others may be missing: codes of the older
    /// form, and closures, are then not known.
    /// </summary>
    public async Task<(CatalogueMerge? Merge, FarFault? Fault)> ReadAsync(
        string axis,
        CancellationToken cancellationToken
    )
    {
        var client = ClientOf(axis);
        var agencies = await client.GetAgenciesListAsync(cancellationToken);
        if (agencies.Fault is not null)
        {
            return (null, agencies.Fault);
        }
        if (agencies.Value is not { Count: > 0 } list)
        {
            return (null, new(FarFaultKind.Unintelligible, "0", "an empty catalogue"));
        }
        var qd20 = await client.GetAgenciesListQd20Async(cancellationToken);
        var units = await client.GetSynchronizeUnitAsync(cancellationToken);
        return (IsOfLink(qd20.Fault) ?? IsOfLink(units.Fault)) is { } fault
            ? (null, fault)
            : (CatalogueMerge.Of(list, qd20.Value ?? [], units.Value ?? []), null);
    }

    /// <summary>Null when it is registered there.</summary>
    public async Task<FarFault?> RegisterAsync(
        string axis,
        AgencyRegistration agency,
        CancellationToken cancellationToken
    ) => (await ClientOf(axis).RegisterAgencyAsync(agency, cancellationToken)).Fault;

    public void Dispose() => _http.Dispose();

    // A call that is refused may not exist there; one that broke may have been about to say something.
    private static FarFault? IsOfLink(FarFault? fault) =>
        fault is { IsOfLink: true } ? fault : null;

    private VxpClient ClientOf(string axis)
    {
        var given = options.Value.Axes[axis];
        return new VxpClient(
            _http,
            new VxpIdentity(
                new Uri(given.Endpoint),
                given.SystemId,
                new FarSecret(given.SecretFile).Value
            ),
            clock,
            options.Value.CallTimeout
        );
    }
}
