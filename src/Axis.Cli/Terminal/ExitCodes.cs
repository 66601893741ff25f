namespace Axis.Cli.Terminal;

/// <summary>What the command tells the shell.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The hub refused, a file has errors, or something asked for did not happen.</summary>
    public const int Refused = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>The hub, or a server it needs, cannot be reached or provided.</summary>
    public const int Unreachable = 3;

    /// <summary>A signature is good as far as it could be checked; nobody could say whether its certificate was revoked.</summary>
    public const int NotYetChecked = 4;

    /// <summary>There is no signature to verify.</summary>
    public const int Unsigned = 5;
}
