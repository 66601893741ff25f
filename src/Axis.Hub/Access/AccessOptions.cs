using System.ComponentModel.DataAnnotations;
using Axis.Hub.Access.Issuers;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Access;

public sealed class AccessOptions : IValidatableObject
{
    public const string Section = "Access";

    /// <summary>
    /// PEM file of the P-256 keys: the first private key signs access tokens, every private key verifies them, public keys
    /// verify the audit log's checkpoints. Created at the first start; all nodes share it and read it again when it changes.
    /// </summary>
    [Required]
    public string SigningKeyFile { get; set; } = "";

    [Required]
    public string Issuer { get; set; } = "axis";

    [Required]
    public string Audience { get; set; } = "axis-hub";

    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")]
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Who else may say who somebody is. Nobody by default.</summary>
    [ValidateEnumeratedItems]
    public IList<ExternalIssuer> Issuers { get; set; } = [];

    /// <summary>
    /// Address of the token endpoint as clients know it, e.g. https://truc.example/oauth2/token: beside the issuer's name an
    /// audience that client assertions may have.
    /// </summary>
    public Uri? TokenAddress { get; set; }

    /// <summary>The longest life of a client assertion (<c>private_key_jwt</c>); so long it is remembered.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "01:00:00")]
    public TimeSpan AssertionLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How far the clocks of two nodes may differ.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The virtual host in which office systems may log in to the broker.</summary>
    [Required]
    public string BrokerVirtualHost { get; set; } = "/";

    /// <summary>
    /// How often the broker's open connections are held against the registry. What the registry tells of is acted on at
    /// once; this finds what was missed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ConnectionSweep { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Wrong secrets of one client from one address that go unpunished.</summary>
    [Range(1, 100)]
    public int FreeFailures { get; set; } = 5;

    /// <summary>The longest wait that wrong secrets can bring about; it doubles with each from one second.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Tokens that one client may ask for from one address in a minute; a minute's worth may come at once.</summary>
    [Range(1, 1_000_000)]
    public int TokenRequestsPerClient { get; set; } = 600;

    /// <summary>Tokens that may be asked for from one address in a minute, whoever asks.</summary>
    [Range(1, 1_000_000)]
    public int TokenRequestsPerAddress { get; set; } = 6_000;

    /// <summary>Clients and addresses whose requests for tokens are counted at a time.</summary>
    [Range(100, 1_000_000)]
    public int RememberedTokenRequests { get; set; } = 20_000;

    /// <summary>Clients and addresses whose failures are remembered at a time.</summary>
    [Range(100, 1_000_000)]
    public int RememberedFailures { get; set; } = 10_000;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Issuers
            .Where(issuer => issuer.Issuer is not null)
            .GroupBy(issuer => issuer.Name, StringComparer.Ordinal)
            .Where(same => same.Count() > 1)
            .Select(same => new ValidationResult(
                $"{Section}:{nameof(Issuers)}: {same.Key} is there twice."
            ));
}
