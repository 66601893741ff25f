using System.Collections.Frozen;
using System.Net;

namespace Axis.Hub.Registry;

/// <summary>A way into the hub or out of it.</summary>
public enum Door
{
    Http,
    Amqp,

    /// <summary>
    /// The protocol of the national axis' SDK. Its inbox is the list of the HTTP door, so the inbox door of a system
    /// that uses it is http.
    /// </summary>
    Vxp,

    /// <summary>The REST flavour of the same protocol, on the same inbox.</summary>
    Lgsp,

    /// <summary>The gateway to a far axis, inward: no office system uses it.</summary>
    National,
}

/// <summary>What an office system may ask of the hub; null: the hub's own limit. No networks: from anywhere.</summary>
public sealed record OfficeSystemLimits(
    int? RequestsPerMinute,
    long? MaxPackageBytes,
    int? MaxConnections,
    IReadOnlyList<IPNetwork> AllowedNetworks
)
{
    public static OfficeSystemLimits None { get; } = new(null, null, null, []);

    /// <summary>Documents that it may hand in on a day in Vietnam.</summary>
    public int? PackagesPerDay { get; init; }

    /// <summary>Bytes of these documents together.</summary>
    public long? BytesPerDay { get; init; }
}

/// <summary>Whom to call about an office system.</summary>
public sealed record OfficeSystemContact(string? Name, string? Mail, string? Phone)
{
    public static OfficeSystemContact None { get; } = new(null, null, null);
}

/// <summary>
/// A connected software installation. <c>Agencies</c> are those it speaks for, as of the snapshot's instant.
/// </summary>
public sealed record OfficeSystem(
    string Id,
    string Name,
    bool IsActive,
    Door InboxDoor,
    IReadOnlySet<Guid> Agencies
)
{
    /// <summary>
    /// Closed agencies whose one successor it serves: it reads their letters and reports about them, and sends nothing
    /// in their name.
    /// </summary>
    public IReadOnlySet<Guid> Inherited { get; init; } = FrozenSet<Guid>.Empty;

    public OfficeSystemLimits Limits { get; init; } = OfficeSystemLimits.None;

    public OfficeSystemContact Contact { get; init; } = OfficeSystemContact.None;

    /// <summary>
    /// It is a far axis (docs/national-axis.md): of the recipients of what it brings, only those of this province get a
    /// delivery, because it brings the letter to the others itself.
    /// </summary>
    public bool IsFarAxis { get; init; }

    /// <summary>Its collecting a delivery is told to the sender as status 01, written by the hub.</summary>
    public bool CollectedIsArrival { get; init; }

    /// <summary>A letter in its inbox is told to it by an event.</summary>
    public bool AnnouncesArrivals { get; init; }
}
