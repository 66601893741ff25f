using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Storage.Archive;

public sealed class RetentionOptions : IValidatableObject
{
    public const string Section = "Retention";

    /// <summary>
    /// Whole months that stay in the database before the current one; older ones are archived and dropped, but for what
    /// is not finished. 0: everything stays.
    /// </summary>
    [Range(0, 1200)]
    public int Months { get; set; }

    /// <summary>Where archives go, a folder for each month. On another disk than the database.</summary>
    public string? ArchiveFolder { get; set; }

    /// <summary>How often a look is taken for a month whose time has come.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan LookInterval { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long the drop of an archived month tries for its lock at one look, half a second at a time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DropPatience { get; set; } = TimeSpan.FromMinutes(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Months > 0 && string.IsNullOrWhiteSpace(ArchiveFolder))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(ArchiveFolder)} is needed when {Section}:{nameof(Months)} is set: nothing is dropped that is not archived.",
                [nameof(ArchiveFolder)]
            );
        }
    }
}
