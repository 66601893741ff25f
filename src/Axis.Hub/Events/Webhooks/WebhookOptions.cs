using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Axis.Hub.Events.Webhooks;

public sealed class WebhookOptions : IValidatableObject
{
    public const string Section = "Webhooks";

    /// <summary>
    /// Networks that webhooks may lead into though they are not public, e.g. 10.20.0.0/16. Without them private,
    /// loopback, link-local and other special addresses are refused.
    /// </summary>
    public IList<string> AllowedNetworks { get; set; } = [];

    /// <summary>Whether an address may begin with http: and go unencrypted.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Webhooks of one office system, and of the IT centre.</summary>
    [Range(1, 1_000)]
    public int MaxPerOwner { get; set; } = 10;

    /// <summary>Endpoints that one node calls at a time.</summary>
    [Range(1, 1_000)]
    public int MaxAtATime { get; set; } = 16;

    /// <summary>How long one call may take, from the look-up of the name to the headers of the answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>First pause after a failed call; it doubles with each, with jitter.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromHours(1);

    /// <summary>An endpoint that fails for so long is paused until somebody resumes it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "30.00:00:00")]
    public TimeSpan PauseAfter { get; set; } = TimeSpan.FromDays(3);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var network in AllowedNetworks.Where(one => !IPNetwork.TryParse(one, out _)))
        {
            yield return new(
                $"{Section}:{nameof(AllowedNetworks)}: {network} is no network such as 10.20.0.0/16."
            );
        }
    }
}
