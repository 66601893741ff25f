namespace Axis.Hub.Vxp;

/// <summary>What an office system may do over the VXP door.</summary>
public enum VxpAccess
{
    Off,

    /// <summary>List, fetch, acknowledge and report statuses; no documents.</summary>
    Receive,

    On,
}

/// <summary>An office system as clients of the SDK know it.</summary>
public sealed record VxpClient(
    string OfficeSystemId,
    string SystemId,
    VxpAccess Access,
    IReadOnlyList<VxpSecret> Secrets
);

/// <summary>A secret, sealed; it serves until <c>NotAfter</c>.</summary>
public sealed record VxpSecret(Guid Id, byte[] Sealed, DateTimeOffset NotAfter);
