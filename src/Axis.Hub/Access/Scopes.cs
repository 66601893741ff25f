namespace Axis.Hub.Access;

/// <summary>
/// Whose letters a query may touch. Only <see cref="Permissions"/> makes one, and every query for packages, deliveries
/// and statuses on behalf of somebody takes one into its WHERE: what is not the caller's never leaves the database.
/// </summary>
public sealed class Sees
{
    internal Sees(Guid[]? agencies) => Agencies = agencies;

    /// <summary>
    /// For SQL (<c>@agencies::uuid[] IS NULL OR … = ANY(@agencies)</c>): null is everything, empty is nothing.
    /// </summary>
    public Guid[]? Agencies { get; }

    public bool IsEverything => Agencies is null;
}

/// <summary>
/// Whose inbox and events a query may touch: exactly one office system's. Only <see cref="Permissions"/> makes one.
/// </summary>
public sealed class Collects
{
    internal Collects(string officeSystemId) => OfficeSystemId = officeSystemId;

    /// <summary>For SQL. Empty, which no office system is called, when nothing may be collected.</summary>
    public string OfficeSystemId { get; }
}
