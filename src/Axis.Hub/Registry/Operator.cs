namespace Axis.Hub.Registry;

/// <summary>What a person of the IT centre may do. No role contains another.</summary>
[Flags]
public enum OperatorRoles
{
    None = 0,

    /// <summary>See where letters are and how routes do.</summary>
    Viewer = 1,

    /// <summary>Retry, release, give up deliveries.</summary>
    Operator = 2,

    /// <summary>Change the registry.</summary>
    Registrar = 4,

    /// <summary>Read the audit log.</summary>
    Auditor = 8,
}

/// <summary>A person of the IT centre.</summary>
public sealed record Operator(string Id, string Name, bool IsActive, OperatorRoles Roles);
