using System.Text.Json;
using Axis.Hub.Errors;

namespace Axis.Hub.Registry;

/// <summary>How an agency came to be succeeded.</summary>
public enum SuccessionKind
{
    Merged,
    Split,
    Renamed,
}

/// <summary>From <c>EffectiveAt</c> on <c>SuccessorId</c> receives in the place of the agency, once that is closed.</summary>
public sealed record Succession(Guid SuccessorId, SuccessionKind Kind, DateTimeOffset EffectiveAt);

/// <summary>What of an agency changes at an instant; null stays as it is.</summary>
public sealed record AgencyPlan(DateTimeOffset EffectiveAt, string? Name, Guid? ParentId);

/// <summary>
/// A letter was addressed to one agency and goes to another: <c>Named</c> is the code as written, <c>Since</c> the
/// instant from which the other receives. Stored with the delivery and shown to both sides.
/// </summary>
public sealed record Substitution(
    string Named,
    string NamedAgency,
    SuccessionKind Kind,
    DateTimeOffset Since,
    string Agency,
    string AgencyName
)
{
    private static readonly TimeSpan Vietnam = TimeSpan.FromHours(7);

    /// <summary>ASCII, so that every header can carry it: <c>H41.05; by=H37.05; kind=merged; since=2026-07-01…</c></summary>
    public string ToHeader() =>
        FormattableString.Invariant(
            $"{Named}; by={Agency}; kind={RegistryNames.Of(Kind)}; since={Since.ToOffset(Vietnam):yyyy-MM-ddTHH:mm:sszzz}"
        );
}

/// <summary>Substitutions as the delivery rows keep them.</summary>
public static class Substitutions
{
    public static string? ToJson(Substitution? substitution) =>
        substitution is null ? null : JsonSerializer.Serialize(substitution, HubJson.Options);

    public static Substitution? Of(string? json) =>
        json is null ? null : JsonSerializer.Deserialize<Substitution>(json, HubJson.Options);
}

/// <summary>Where a code leads at an instant.</summary>
public abstract record Resolution
{
    private Resolution() { }

    /// <summary>No agency has the code, or had it before.</summary>
    public sealed record Unknown : Resolution
    {
        public static Unknown Instance { get; } = new();
    }

    /// <summary>To one agency; <c>Substitution</c> when it is not the one named, or is named by an ended code.</summary>
    public sealed record One(Agency Agency, Substitution? Substitution) : Resolution;

    /// <summary>The agency named is divided; only the sender knows which part is meant.</summary>
    public sealed record Several(Agency Named, IReadOnlyList<Agency> Successors) : Resolution;

    /// <summary>Closed, and nobody took its place.</summary>
    public sealed record Nobody(Agency Named) : Resolution;
}
