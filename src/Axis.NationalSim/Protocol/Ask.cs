using Axis.Vxp;
using Microsoft.AspNetCore.Http;

namespace Axis.NationalSim.Protocol;

/// <summary>A call on its way through the simulator.</summary>
internal sealed class Ask(HttpContext context, VxpCall call)
{
    private readonly List<string> _vices = [];

    public HttpContext Context { get; } = context;

    public VxpCall Call { get; } = call;

    /// <summary>Who asks, once that is proved.</summary>
    public SimSystem? System { get; set; }

    public string? DocId { get; set; }

    public IReadOnlyList<string> VicesShown => _vices;

    /// <summary>The vice, when it shows in this call; it is noted then.</summary>
    public Vice? Shows(ViceKind kind, Vices vices)
    {
        var vice = vices.Shows(kind, Call.Name);
        if (vice is not null)
        {
            _vices.Add(ViceNames.Of(kind));
        }
        return vice;
    }
}
