using Axis.Hub.Registry;
using Axis.Signatures;

namespace Axis.Hub.Trust.Expiry;

/// <summary>A registered certificate and how long it still serves.</summary>
/// <param name="DaysLeft">Whole days until its end.</param>
/// <param name="Replaced">The agency has another certificate that serves longer.</param>
public sealed record CertificateView(
    string Agency,
    string AgencyName,
    string Subject,
    string Thumbprint,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    int DaysLeft,
    bool Replaced
);

/// <summary>The certificates of the registry as of an instant, from memory.</summary>
public static class RegisteredCertificates
{
    /// <summary>Those that are neither revoked nor over, and end within so many days; the first to end first.</summary>
    public static IReadOnlyList<CertificateView> ExpiringWithin(
        RegistrySnapshot registry,
        int days,
        DateTimeOffset now
    ) =>
        [
            .. registry
                .Agencies.SelectMany(agency => Of(agency, registry.CertificatesOf(agency.Id), now))
                .Where(view => view.NotAfter <= now.AddDays(days))
                .OrderBy(view => view.NotAfter)
                .ThenBy(view => view.Agency, StringComparer.Ordinal),
        ];

    private static IEnumerable<CertificateView> Of(
        Agency agency,
        IReadOnlyList<RegisteredCertificate> certificates,
        DateTimeOffset now
    )
    {
        var serving = certificates
            .Select(one => (Registered: one, Until: Utc(one.Certificate.NotAfter)))
            .Where(one => one.Until > now && one.Registered.RevokedAt > now)
            .ToArray();
        if (serving.Length == 0)
        {
            return [];
        }
        var last = serving.Max(one => one.Until);
        return serving.Select(one => new CertificateView(
            agency.PrimaryCode,
            agency.Name,
            one.Registered.Certificate.Subject,
            CertificateNames.ThumbprintOf(one.Registered.Certificate),
            Utc(one.Registered.Certificate.NotBefore),
            one.Until,
            (int)(one.Until - now).TotalDays,
            one.Until < last
        ));
    }

    // X509Certificate2 gives its times in the machine's zone.
    private static DateTimeOffset Utc(DateTime local) => new(local.ToUniversalTime());
}
