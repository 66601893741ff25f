using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Events;

/// <summary>How long events are kept for replay, and who may listen to them at a time.</summary>
public sealed class EventOptions : IValidatableObject
{
    public const string Section = "Events";

    /// <summary>
    /// Whole days, beside today, in which events can be read again from a cursor; fewer than those after which their
    /// months leave for the archive.
    /// </summary>
    [Range(1, 366)]
    public int KeepDays { get; set; } = 30;

    /// <summary>How often a node looks for new events by itself, beside being woken by them.</summary>
    public TimeSpan LookInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Open streams of this node.</summary>
    [Range(1, 100_000)]
    public int MaxStreams { get; set; } = 2_000;

    /// <summary>Open streams of one office system or operator on this node.</summary>
    [Range(1, 100_000)]
    public int MaxStreamsPerCaller { get; set; } = 20;

    /// <summary>Pause after which a silent stream says that it lives.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// After this long a stream ends and the listener comes again with a token of its own: a stream must not outlive
    /// the right to it.
    /// </summary>
    public TimeSpan StreamFor { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Questions to the feed that this node asks the database at a time; the others wait for their turn.</summary>
    [Range(1, 100)]
    public int Readers { get; set; } = 8;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (
            var (name, value) in ((string, TimeSpan)[])
                [
                    (nameof(LookInterval), LookInterval),
                    (nameof(Heartbeat), Heartbeat),
                    (nameof(StreamFor), StreamFor),
                ]
        )
        {
            if (value < TimeSpan.FromMilliseconds(50) || value > TimeSpan.FromDays(1))
            {
                yield return new($"{name}: 50 milliseconds to one day", [name]);
            }
        }
    }
}
