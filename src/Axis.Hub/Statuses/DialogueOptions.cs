using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Statuses;

/// <summary>What the hub does on its own about questions that nobody answers and letters that nobody takes.</summary>
public sealed class DialogueOptions : IValidatableObject
{
    public const string Section = "Dialogues";

    /// <summary>How long a recall may stay unanswered before the recipient is reminded, and again after each reminder.</summary>
    public TimeSpan RemindAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Reminders of one recall; then the question just stays open.</summary>
    [Range(0, 1000)]
    public int MaxReminders { get; set; } = 10;

    /// <summary>How long a delivery may wait to be collected before it expires. Zero: for ever.</summary>
    public TimeSpan ExpireAfter { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How often one node looks for what is due.</summary>
    public TimeSpan LookInterval { get; set; } = TimeSpan.FromSeconds(30);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RemindAfter < TimeSpan.FromSeconds(1))
        {
            yield return new("RemindAfter: at least one second", [nameof(RemindAfter)]);
        }
        if (
            ExpireAfter < TimeSpan.Zero
            || (ExpireAfter > TimeSpan.Zero && ExpireAfter < TimeSpan.FromMinutes(1))
        )
        {
            yield return new("ExpireAfter: zero, or at least one minute", [nameof(ExpireAfter)]);
        }
        if (LookInterval < TimeSpan.FromMilliseconds(50))
        {
            yield return new("LookInterval: at least 50 milliseconds", [nameof(LookInterval)]);
        }
    }
}
