using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Access.Audit;

public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>
    /// How often the head of the audit chain is signed: what came after the last checkpoint can be rewritten unseen by
    /// whoever holds the database.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromMinutes(5);
}
