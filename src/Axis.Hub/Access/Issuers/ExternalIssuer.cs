using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Access.Issuers;

/// <summary>
/// An OpenID Connect issuer that may say who somebody is (<c>Access:Issuers</c>). What that somebody may do is in the
/// registry.
/// </summary>
public sealed class ExternalIssuer : IValidatableObject
{
    /// <summary>
    /// Its address, as in the <c>iss</c> of its tokens; https, or http on loopback. Its discovery document is below it.
    /// </summary>
    [Required]
    public Uri? Issuer { get; set; }

    /// <summary>What its tokens must name in <c>aud</c>: the hub, as registered there.</summary>
    [Required]
    public string Audience { get; set; } = "";

    /// <summary>The claim that carries the operator's or office system's id.</summary>
    [Required]
    public string IdClaim { get; set; } = "sub";

    /// <summary>Whom it may vouch for.</summary>
    public HolderKind For { get; set; } = HolderKind.Operator;

    /// <summary>The <c>iss</c> of its tokens.</summary>
    public string Name => Issuer!.OriginalString;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            Issuer is { IsAbsoluteUri: false }
            || (
                Issuer is not null
                && Issuer.Scheme != Uri.UriSchemeHttps
                && !(Issuer.Scheme == Uri.UriSchemeHttp && Issuer.IsLoopback)
            )
        )
        {
            yield return new ValidationResult(
                $"{AccessOptions.Section}:{nameof(AccessOptions.Issuers)}: {Issuer} must be https."
            );
        }
    }
}
