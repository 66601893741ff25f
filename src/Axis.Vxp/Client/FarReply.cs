namespace Axis.Vxp.Client;

/// <summary>Why a call gave no answer that can be used.</summary>
public enum FarFaultKind
{
    /// <summary>No connection came about: nothing reached the far side.</summary>
    Unreachable,

    /// <summary>The connection broke or the time ran out after the request began: nobody knows whether it was carried out.</summary>
    Interrupted,

    /// <summary>Something came back that is no answer of the protocol, such as an HTML page: nobody knows either.</summary>
    Unintelligible,

    /// <summary>The far side does not know us: wrong system id or secret, often in plain text.</summary>
    Unauthorised,

    /// <summary>The far side asks for a pause.</summary>
    TooMany,

    /// <summary>The far side understood, and says no.</summary>
    Refused,

    /// <summary>The far side answered by the protocol, and what it handed out is no package: asking again seldom helps.</summary>
    Damaged,
}

/// <summary>A failure, told apart by what may be done next.</summary>
/// <param name="Code">The far side's own error code, or the HTTP status where it gave none; for people and metrics.</param>
/// <param name="Message">In English or as the far side wrote it, at most 300 characters, without line ends.</param>
/// <param name="RetryAfter">How long the far side asked us to wait.</param>
public sealed record FarFault(
    FarFaultKind Kind,
    string Code,
    string Message,
    TimeSpan? RetryAfter = null
)
{
    /// <summary>Whether the far side may have carried the call out all the same.</summary>
    public bool IsOutcomeUnknown => Kind is FarFaultKind.Interrupted or FarFaultKind.Unintelligible;

    /// <summary>Whether the link is to blame, and not what was sent: another call would have failed as well.</summary>
    public bool IsOfLink => Kind is not (FarFaultKind.Refused or FarFaultKind.Damaged);
}

/// <summary>What came of a call: a value, or a fault.</summary>
/// <param name="ServerTime">The far side's clock, from the answer's Date header; null without one.</param>
public sealed record FarReply<T>(T? Value, FarFault? Fault, DateTimeOffset? ServerTime)
    where T : class
{
    public bool IsSuccess => Fault is null;

    internal FarReply<TOther> As<TOther>(Func<T, TOther> convert)
        where TOther : class => new(Value is null ? null : convert(Value), Fault, ServerTime);
}
