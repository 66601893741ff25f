using System.Net;
using System.Text;
using Axis.NationalSim.Catalogue;
using Axis.NationalSim.Control;
using Axis.NationalSim.Exchange;
using Axis.NationalSim.Protocol;
using Axis.NationalSim.Provinces;
using Axis.Vxp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Axis.NationalSim;

/// <summary>
/// A simulated national axis on an address of its own, for tests and for training. What it keeps is in memory and gone
/// with it, unless it is given a folder.
/// </summary>
public sealed class NationalSimulator : IAsyncDisposable
{
    /// <summary>Where the adapter of the real one is known to be; any path will do here.</summary>
    public const string AdapterPath = "/XrdAdapter/adapter";

    // What a client may put into its headers, the recipients twice among it, and into a body.
    private const int MaxHeaderBytes = 512 * 1024;
    private const long MaxBodyBytes = 110L * 1024 * 1024;

    private readonly NationalSimOptions _options;
    private readonly NationalAxis _axis;
    private readonly CallLog _log = new();
    private readonly SimViews _views;
    private readonly WebApplication _web;

    private NationalSimulator(NationalSimOptions options)
    {
        _options = options;
        Vices = new Vices(options.Seed);
        foreach (var (kind, vice) in options.Vices)
        {
            Vices.Set(kind, vice);
        }
        _axis = new NationalAxis(options, Vices);
        _views = new SimViews(_axis, options, Vices, _log);
        _web = Build();
    }

    public Vices Vices { get; }

    /// <summary>What a client is to be configured with.</summary>
    public Uri Endpoint => new(Address, AdapterPath);

    /// <summary>The trainer's side.</summary>
    public Uri Control => new(Address, ControlEndpoints.Path);

    private Uri Address
    {
        get
        {
            var bound = new Uri(
                _web.Services.GetRequiredService<IServer>()
                    .Features.Get<IServerAddressesFeature>()!
                    .Addresses.First()
            );
            return IPAddress.TryParse(bound.Host, out var host) && host.Equals(IPAddress.Any)
                ? new UriBuilder(bound) { Host = "127.0.0.1" }.Uri
                : bound;
        }
    }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The port, or the folder of its state, is taken.</exception>
    /// <exception cref="InvalidDataException">What is in that folder was not written by a simulator.</exception>
    public static async Task<NationalSimulator> StartAsync(
        NationalSimOptions options,
        CancellationToken cancellationToken = default
    )
    {
        options.Validate();
        var sim = new NationalSimulator(options);
        try
        {
            await sim._web.StartAsync(cancellationToken);
            return sim;
        }
        catch
        {
            await sim.DisposeAsync();
            throw;
        }
    }

    public SimView View() => _views.Whole();

    /// <summary>The last calls, newest first.</summary>
    public IReadOnlyList<SeenCall> Calls(int limit = 1_000) => _log.Last(Math.Max(limit, 0));

    /// <summary>Documents on the axis, newest first.</summary>
    /// <param name="system">Those of one connected system; "" for those of played provinces; null for all.</param>
    public IReadOnlyList<LetterView> Letters(
        string? documentId = null,
        string? system = null,
        int limit = 100_000
    ) => _views.Letters(documentId, system, limit);

    /// <summary>Another province writes a letter now.</summary>
    /// <exception cref="ArgumentException">An agency is not in the catalogue.</exception>
    public LetterView Write(LetterWish wish)
    {
        var (letter, problem) = TryWrite(wish);
        return letter ?? throw new ArgumentException(problem, nameof(wish));
    }

    /// <summary>Lets the simulator's time jump ahead.</summary>
    public void Advance(TimeSpan by) => _axis.Advance(by);

    /// <summary>Adds an agency to the catalogue, or opens and renames the one of that code.</summary>
    public void Add(KnownAgency agency) => _axis.Do(() => _axis.Open(agency));

    /// <summary>Closes an agency; false when there is none with that code.</summary>
    public bool Close(string code) => _axis.Do(() => _axis.Close(code));

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _axis.Dispose();
    }

    internal (LetterView? Letter, string? Problem) TryWrite(LetterWish wish) =>
        _axis.Do(() =>
        {
            var (letter, problem) = _axis.Write(wish);
            return (letter is null ? null : LetterView.Of(letter), problem);
        });

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(_options.Address, _options.Port);
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.MaxRequestBufferSize = 2 * MaxHeaderBytes;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            // One character a byte: the signature is over the bytes that were received.
            kestrel.RequestHeaderEncodingSelector = name =>
                name.StartsWith(VxpNames.Prefix, StringComparison.OrdinalIgnoreCase)
                    ? Encoding.Latin1
                    : null!;
        });
        var web = builder.Build();
        var door = new SimDoor(_axis, Vices, new SimCalls(_axis, Vices, _options), _log, _options);
        web.MapControl(this);
        // Everything else is a call, however the client's endpoint was written: double slashes and all.
        web.MapWhen(
            context =>
                !context.Request.Path.StartsWithSegments(
                    ControlEndpoints.Path,
                    StringComparison.OrdinalIgnoreCase
                ),
            calls => calls.Run(door.InvokeAsync)
        );
        return web;
    }
}
