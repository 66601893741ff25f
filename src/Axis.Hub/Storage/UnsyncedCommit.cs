namespace Axis.Hub.Storage;

/// <summary>
/// For statements that write down what may be forgotten, because whoever misses it does the same once more: their commit
/// waits neither for the disk nor for a standby. Whatever is synced later has them before it in the log.
/// </summary>
/// <remarks>
/// Never where somebody is told afterwards that it is done: docs/durability.md, "What is not waited for".
/// </remarks>
internal static class UnsyncedCommit
{
    /// <summary>One row, to stand in a FROM; it holds for the transaction that reads it, and ends with it.</summary>
    public const string Row = "(SELECT set_config('synchronous_commit', 'off', true)) AS unsynced";
}
