using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National;

/// <summary>Exchange with the rest of the country. Without an axis there is none, and national deliveries are held.</summary>
public sealed class NationalOptions
{
    public const string Section = "National";

    /// <summary>By name: a word of letters, digits and hyphens that stands in tables, metrics and commands.</summary>
    public Dictionary<string, FarAxisOptions> Axes { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// The province's own codes of level 1 (H41). A recipient under them that nobody knows is a letter to us that cannot
    /// be delivered; any other is somebody else's.
    /// </summary>
    public List<string> OwnCodes { get; } = [];

    /// <summary>Whether an unknown recipient under our codes is answered with status 02.</summary>
    public bool AnswerUnknown { get; set; } = true;

    /// <summary>Calls at a time, outward, of one node to one axis.</summary>
    [Range(1, 64)]
    public int Parallel { get; set; } = 4;

    /// <summary>
    /// Calls a minute of one node to one axis, both directions together. No call may have to wait for its turn longer than
    /// <see cref="CallTimeout"/>, or its claim ends before it has begun.
    /// </summary>
    [Range(1, 1_000_000)]
    public int CallsPerMinute { get; set; } = 6_000;

    /// <summary>Longest time that one call may take, a package of 50 MB over a slow line included.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a call may have to wait for its turn: as many at a time as the three loops of an axis make, and one.</summary>
    internal TimeSpan LongestTurn => TimeSpan.FromMinutes(3 * Parallel + 1) / CallsPerMinute;

    /// <summary>How often the outbox is looked at when nothing rings.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan LookInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause between two polls of a list that had something; it doubles while there is nothing.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan ShortestPoll { get; set; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan LongestPoll { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>First pause after a failure; it doubles with each, up to <see cref="LongestRetry"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long after the end of a call of unknown outcome the sent list is sure to show what it left.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan SettleAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Tries of one package that the far side answers with a passing fault of its own, before it is given up.</summary>
    [Range(1, 10_000)]
    public int MaxAttempts { get; set; } = 50;

    /// <summary>
    /// Tries of one item that the far side lists and does not hand out whole, or that the hub fails to take in, before it
    /// is kept as it is for people to look at. The pauses between them are those of <see cref="FirstRetry"/>.
    /// </summary>
    [Range(1, 1_000)]
    public int MaxFetches { get; set; } = 8;

    /// <summary>Failures of the link in a row that open the breaker.</summary>
    [Range(1, 1_000)]
    public int BreakerFailures { get; set; } = 5;

    /// <summary>How often it is looked whether an alert begins or ends.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan AlertInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A package that waits longer than this is an alert.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan AlertAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>A clock difference beyond this is an alert.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ClockTolerance { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long rows of what is at its end are kept, for tracking and for items that come again.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(180);
}

public enum FarAxisKind
{
    /// <summary>The national axis, by its adapter's protocol.</summary>
    Vxp,

    /// <summary>Another Axis, by its HTTP door.</summary>
    Peer,
}

public sealed class FarAxisOptions
{
    public FarAxisKind Kind { get; set; }

    /// <summary>Of the adapter (…/XrdAdapter/adapter), or of the other hub.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Who we are there: the system id, or the office system's id at the other hub.</summary>
    public string SystemId { get; set; } = "";

    /// <summary>The file that holds the secret, and nothing else; read anew when it changes.</summary>
    public string SecretFile { get; set; } = "";

    /// <summary>A plain http endpoint is allowed; only for a line that is protected by other means, or a machine's own.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// Codes of level 1 whose agencies are reached this way. Empty for the one axis that takes all the others.
    /// </summary>
    public List<string> Codes { get; } = [];
}

/// <summary>What the annotations cannot say.</summary>
internal sealed class NationalOptionsCheck : IValidateOptions<NationalOptions>
{
    public ValidateOptionsResult Validate(string? name, NationalOptions options)
    {
        var problems = new List<string>();
        foreach (var (axis, given) in options.Axes)
        {
            var place = $"{NationalOptions.Section}:Axes:{axis}";
            Demand(
                axis.Length is > 0 and <= 40
                    && axis.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'),
                $"{place}: a name is letters, digits and hyphens, at most 40"
            );
            var isUri = Uri.TryCreate(given.Endpoint, UriKind.Absolute, out var endpoint);
            Demand(
                isUri && endpoint!.Scheme is "https" or "http",
                $"{place}:Endpoint is an https address"
            );
            Demand(
                !isUri || endpoint!.Scheme != "http" || endpoint.IsLoopback || given.AllowHttp,
                $"{place}:Endpoint is plain http; set AllowHttp if the line is protected by other means"
            );
            Demand(given.SystemId.Length > 0, $"{place}:SystemId is missing");
            Demand(
                File.Exists(given.SecretFile),
                $"{place}:SecretFile is missing or names no file"
            );
        }
        Demand(
            options.Axes.Values.Count(given => given.Codes.Count == 0) <= 1,
            $"{NationalOptions.Section}:Axes: only one axis may be without Codes"
        );
        Demand(
            options.Axes.Count == 0 || options.OwnCodes.Count > 0,
            $"{NationalOptions.Section}:OwnCodes is missing; it names the province, as in H41"
        );
        Demand(
            options.ShortestPoll <= options.LongestPoll
                && options.FirstRetry <= options.LongestRetry,
            $"{NationalOptions.Section}: a shortest time is above its longest"
        );
        Demand(
            options.LongestTurn <= options.CallTimeout,
            $"{NationalOptions.Section}:CallsPerMinute is too few: with Parallel {options.Parallel} a call would wait "
                + $"{options.LongestTurn} for its turn, longer than CallTimeout"
        );
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);

        void Demand(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }
    }
}
