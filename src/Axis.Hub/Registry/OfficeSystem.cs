namespace Axis.Hub.Registry;

/// <summary>A way into the hub or out of it.</summary>
public enum Door
{
    Http,
    Amqp,
}

/// <summary>What the hub does about the envelope signature of what an office system sends.</summary>
public enum SignaturePolicy
{
    /// <summary>A valid envelope signature by the sending agency is required.</summary>
    Envelope,

    /// <summary>The verdict is recorded; nothing is refused because of it.</summary>
    Record,
}

/// <summary>
/// A connected software installation. <c>Agencies</c> are those it speaks for, as of the snapshot's instant.
/// </summary>
public sealed record OfficeSystem(
    string Id,
    string Name,
    bool IsActive,
    Door InboxDoor,
    SignaturePolicy SignaturePolicy,
    IReadOnlySet<Guid> Agencies
);
