using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Access;

public sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>
    /// PEM file of the P-256 key that signs access tokens. Created at the first start; all nodes share it.
    /// </summary>
    [Required]
    public string SigningKeyFile { get; set; } = "";

    [Required]
    public string Issuer { get; set; } = "axis";

    [Required]
    public string Audience { get; set; } = "axis-hub";

    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")]
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How far the clocks of two nodes may differ.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The virtual host in which office systems may log in to the broker.</summary>
    [Required]
    public string BrokerVirtualHost { get; set; } = "/";

    /// <summary>Wrong secrets of one client from one address that go unpunished.</summary>
    [Range(1, 100)]
    public int FreeFailures { get; set; } = 5;

    /// <summary>The longest wait that wrong secrets can bring about; it doubles with each from one second.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Clients and addresses whose failures are remembered at a time.</summary>
    [Range(100, 1_000_000)]
    public int RememberedFailures { get; set; } = 10_000;
}
