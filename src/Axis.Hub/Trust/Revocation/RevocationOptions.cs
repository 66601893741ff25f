using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Trust.Revocation;

/// <summary>What happens to a certificate whose revocation could not be asked for since the grace ran out.</summary>
public enum AfterGrace
{
    /// <summary>Its signatures still count, as "not yet checked".</summary>
    Record,

    /// <summary>Its signatures count for nothing until an answer comes.</summary>
    Refuse,
}

public sealed class RevocationOptions
{
    public const string Section = "Trust:Revocation";

    /// <summary>
    /// How often this node looks for certificates that are due. Zero: never; another node, one that has a way out to
    /// the network, does it for all.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often this node reads what others found out.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a certificate may go without an answer before <see cref="AfterGrace"/> decides.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromHours(72);

    public AfterGrace AfterGrace { get; set; } = AfterGrace.Record;

    /// <summary>The longest an answer is believed, whatever it says itself.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "60.00:00:00")]
    public TimeSpan LongestAnswer { get; set; } = TimeSpan.FromDays(10);

    /// <summary>The longest pause between two questions about a certificate; half of an answer's time if that is less.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Pause after a failure; doubles with each up to <see cref="LongestRetry"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromMinutes(1);

    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How far the clocks of authorities may differ from the hub's.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time for one request with all its redirects.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Redirects followed for one request.</summary>
    [Range(0, 10)]
    public int MaxRedirects { get; set; } = 3;

    /// <summary>Bytes of an OCSP answer.</summary>
    [Range(1024, 1024 * 1024)]
    public int MaxAnswerBytes { get; set; } = 64 * 1024;

    /// <summary>Bytes of a revocation list.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxListBytes { get; set; } = 32 * 1024 * 1024;
}
