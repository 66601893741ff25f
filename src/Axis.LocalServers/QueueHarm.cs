namespace Axis.LocalServers;

/// <summary>What can be wrong with a quorum queue that is declared.</summary>
public enum QueueHarm
{
    LosesItsProcess,
    Hangs,
}
